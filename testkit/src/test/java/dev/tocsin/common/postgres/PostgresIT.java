package dev.tocsin.common.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pool and migrations against a real PostgreSQL that goes away and comes back. */
class PostgresIT {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void migrations_runOnceEach_evenWhenInstancesStartTogether() throws Exception {
    PostgresServer server = Backends.freshDatabase("migrations");
    Postgres first = postgres(server, "V001__first.sql");
    Postgres rival = postgres(server, "V001__first.sql");
    await(Future.all(first.start(), rival.start()));
    Postgres next = postgres(server, "V001__first.sql", "V002__second.sql");
    await(next.start());
    var rows =
        await(
            next.pool()
                .query(
                    "select (select count(*) from thing), (select count(*) from schema_migration)")
                .execute());
    assertThat(rows.iterator().next().getLong(0)).isEqualTo(3);
    assertThat(rows.iterator().next().getLong(1)).isEqualTo(2);
    await(Future.all(first.stop(), rival.stop(), next.stop()));
  }

  @Test
  void pool_saysThatPostgresIsAway_andWorksAgainWhenItIsBack() throws Exception {
    try (var embedded = Backends.dedicatedPostgres()) {
      Postgres postgres = postgres(Backends.serverOf(embedded), "V001__first.sql");
      await(postgres.start());
      assertThat(await(postgres.check())).isInstanceOf(Health.Healthy.class);
      assertThat(postgres.ready()).isTrue();

      embedded.kill();
      assertThat(await(postgres.check()).issues()).singleElement().asString().contains("127.0.0.1");
      assertThat(postgres.ready()).isFalse();

      embedded.restart();
      assertThat(await(postgres.check())).isInstanceOf(Health.Healthy.class);
      assertThat(postgres.ready()).isTrue();
      await(postgres.stop());
    }
  }

  private Postgres postgres(PostgresServer server, String... scripts) {
    Settings settings =
        Settings.of(
            Map.of(
                "postgres.host", server.host(),
                "postgres.port", Integer.toString(server.port()),
                "postgres.user", server.user(),
                "postgres.password", server.password(),
                "postgres.database", server.database()));
    return new Postgres(
        vertx,
        PostgresSettings.from(settings),
        Migrations.load("example", PostgresIT.class, scripts));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
