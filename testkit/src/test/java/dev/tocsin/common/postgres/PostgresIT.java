package dev.tocsin.common.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import dev.tocsin.testkit.fault.FaultProxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pool and migrations against a real PostgreSQL that goes away and comes back. */
class PostgresIT {
  private static final Migrations ADD_COLUMN =
      new Migrations(
          "example", List.of(new Migrations.Script("V001", "alter table public.held add m int")));

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

  @Test
  void migration_mayTakeLongerThanAnyStatement_andOnlyOneInstanceAppliesIt() throws Exception {
    PostgresServer server = Backends.freshDatabase("slow");
    Migrations slow =
        new Migrations(
            "example",
            List.of(
                new Migrations.Script("V001", "create table slow (n int)"),
                new Migrations.Script("V002", "select pg_sleep(3); insert into slow values (1)")));
    Postgres first = postgres(server, "1s", slow);
    Postgres rival = postgres(server, "1s", slow);
    Future<?> started = Future.all(first.start(), rival.start());
    await(first.check());
    assertThat(first.ready()).isFalse();
    await(started);
    var rows = await(rival.pool().query("select count(*) from slow").execute());
    assertThat(rows.iterator().next().getLong(0)).isEqualTo(1);
    assertThat(await(first.check())).isInstanceOf(Health.Healthy.class);
    assertThat(first.ready()).isTrue();
    // What is no migration has its limit.
    assertThatThrownBy(() -> await(rival.pool().query("select pg_sleep(20)").execute()))
        .hasMessageContaining("statement timeout");
    await(Future.all(first.stop(), rival.stop()));
  }

  @Test
  void migration_waitsForALock_whateverTheDatabaseSays() throws Exception {
    PostgresServer server = Backends.freshDatabase("locked");
    Backends.execute(server, "alter database " + server.database() + " set lock_timeout = '200ms'");
    Backends.execute(server, "create table held (n int)");
    Postgres postgres =
        postgres(
            server,
            "1s",
            new Migrations(
                "example",
                List.of(new Migrations.Script("V001", "alter table public.held add m int"))));
    Future<Void> started;
    try (Connection holder = Backends.connect(server);
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("lock table held");
      started = postgres.start();
      // Longer than either time-out.
      statement.execute("set lock_timeout = 0; select pg_sleep(2)");
      assertThat(await(postgres.check()).issues())
          .singleElement()
          .asString()
          .contains("applying example.V001, 1 of 1");
    }
    await(started);
    assertThat(await(postgres.check())).isInstanceOf(Health.Healthy.class);
    await(postgres.stop());
  }

  @Test
  void migration_beginsAnew_whenItsConnectionIsDeadWithoutAWord() throws Exception {
    PostgresServer server = Backends.freshDatabase("stranded");
    Backends.execute(server, "create table held (n int)");
    try (FaultProxy proxy = FaultProxy.before(server.port())) {
      Postgres postgres = postgres(server, proxy.port(), "1s", ADD_COLUMN);
      Future<Void> started;
      try (Connection holder = Backends.connect(server);
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute("lock table held");
        started = postgres.start();
        awaitDoing(postgres, "applying example.V001, 1 of 1");
        proxy.strand();
      }
      await(started);
      assertThat(await(postgres.check())).isInstanceOf(Health.Healthy.class);
      await(postgres.stop());
    }
  }

  @Test
  void waitForTheMigratingInstance_endsToo_whenItsConnectionIsDeadWithoutAWord() throws Exception {
    PostgresServer server = Backends.freshDatabase("stranded-waiting");
    Backends.execute(server, "create table held (n int)");
    try (FaultProxy proxy = FaultProxy.before(server.port())) {
      Postgres first = postgres(server, "1s", ADD_COLUMN);
      Postgres rival = postgres(server, proxy.port(), "1s", ADD_COLUMN);
      Future<?> started;
      try (Connection holder = Backends.connect(server);
          Statement statement = holder.createStatement()) {
        holder.setAutoCommit(false);
        statement.execute("lock table held");
        Future<Void> migrated = first.start();
        awaitDoing(first, "applying example.V001, 1 of 1");
        Future<Void> waited = rival.start();
        awaitDoing(rival, "waiting for the instance that migrates");
        proxy.strand();
        started = Future.all(migrated, waited);
      }
      await(started);
      assertThat(await(rival.check())).isInstanceOf(Health.Healthy.class);
      await(Future.all(first.stop(), rival.stop()));
    }
  }

  private static void awaitDoing(Postgres postgres, String what) {
    Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () -> assertThat(await(postgres.check()).issues().toString()).contains(what));
  }

  @Test
  void statementWithoutALimit_mayTakeLong() throws Exception {
    Postgres postgres =
        postgres(Backends.freshDatabase("no-limit"), "0s", Migrations.none("example"));
    await(postgres.start());
    // Longer than a connection may be silent whose statements are limited to nothing.
    await(postgres.pool().query("select pg_sleep(8)").execute());
    await(postgres.stop());
  }

  private Postgres postgres(PostgresServer server, String... scripts) {
    return postgres(server, "30s", Migrations.load("example", PostgresIT.class, scripts));
  }

  private Postgres postgres(PostgresServer server, String statementTimeout, Migrations scripts) {
    return postgres(server, server.port(), statementTimeout, scripts);
  }

  private Postgres postgres(
      PostgresServer server, int port, String statementTimeout, Migrations scripts) {
    Settings settings =
        Settings.of(
            Map.of(
                "postgres.host", server.host(),
                "postgres.port", Integer.toString(port),
                "postgres.user", server.user(),
                "postgres.password", server.password(),
                "postgres.database", server.database(),
                "postgres.statement_timeout", statementTimeout));
    return new Postgres(vertx, PostgresSettings.from(settings), scripts);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
