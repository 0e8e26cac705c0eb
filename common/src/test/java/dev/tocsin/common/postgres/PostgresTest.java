package dev.tocsin.common.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class PostgresTest {

  @Test
  void server_isAway_whenItTakesConnectionsAndSaysNothing() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Postgres postgres =
          new Postgres(
              vertx,
              new PostgresSettings(
                  "127.0.0.1",
                  silent.getLocalPort(),
                  "x",
                  "x",
                  Optional.empty(),
                  2,
                  Duration.ofMillis(200),
                  Duration.ofMinutes(5),
                  Duration.ofHours(1),
                  Duration.ofSeconds(30)),
              Migrations.none("x"));
      Throwable connection = failure(postgres.pool().getConnection());
      assertThat(Postgres.isAway(connection)).as("%s", connection).isTrue();
      assertThat(Postgres.isAway(new ExecutionException(connection))).isTrue();
      Throwable query = failure(postgres.pool().query("select 1").execute());
      assertThat(Postgres.isAway(query)).as("%s", query).isTrue();
      assertThat(Postgres.isAway(new IllegalStateException("broken"))).isFalse();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static Throwable failure(Future<?> future) {
    try {
      return new AssertionError(
          "succeeded with " + future.toCompletionStage().toCompletableFuture().join());
    } catch (CompletionException e) {
      return e.getCause();
    }
  }
}
