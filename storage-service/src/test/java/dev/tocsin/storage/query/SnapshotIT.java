package dev.tocsin.storage.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.QueryLimitException;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a query sees while others write, and what it leaves behind. */
final class SnapshotIT {
  private static final PostgresServer SERVER = Backends.freshDatabase("snapshot");
  private static final String COUNT = "select count(*) from item";
  private static final QueryLimits LIMITS =
      new QueryLimits(
          2, 1, Duration.ofSeconds(20), 1_000, 10_000, Duration.ofDays(1), 100, 100, 100, 4);

  private final Vertx vertx = Vertx.vertx();
  private final Pool reading = pool();
  private final Pool writing = pool();
  private final QueryPool queries = new QueryPool(LIMITS, new SimpleMeterRegistry());

  private Pool pool() {
    PgConnectOptions connect =
        new PgConnectOptions()
            .setHost(SERVER.host())
            .setPort(SERVER.port())
            .setDatabase(SERVER.database())
            .setUser(SERVER.user())
            .setPassword(SERVER.password());
    return PgBuilder.pool()
        .with(new PoolOptions().setMaxSize(1))
        .connectingTo(connect)
        .using(vertx)
        .build();
  }

  @BeforeEach
  void create() throws Exception {
    run("drop table if exists item; create table item (id int); insert into item values (1), (2)");
  }

  @AfterEach
  void close() throws Exception {
    wait(queries.stop());
    wait(vertx.close());
  }

  private void run(String sql) throws Exception {
    wait(writing.query(sql).execute());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private long count(Budget budget) throws Exception {
    return budget.select(reading, COUNT, Tuple.tuple()).iterator().next().getLong(0);
  }

  @Test
  void query_seesOneState_whileRowsComeAndGo() throws Exception {
    Future<Long> second =
        queries.run(
            new Cancellation(),
            budget -> {
              assertThat(count(budget)).isEqualTo(2);
              run("delete from item where id = 1; insert into item values (3), (4)");
              return count(budget);
            });
    assertThat(wait(second)).isEqualTo(2);
    assertThat(wait(queries.run(new Cancellation(), this::count))).isEqualTo(3);
  }

  @Test
  void connection_isFreeAndInNoTransaction_afterAQueryThatFailed() throws Exception {
    assertThatThrownBy(
            () ->
                wait(
                    queries.run(
                        new Cancellation(),
                        budget -> budget.select(reading, "select 1 / 0", Tuple.tuple()))))
        .hasMessageContaining("division by zero");
    // The pool has one connection, which would refuse this in a transaction left open.
    assertThat(wait(reading.query("insert into item values (5)").execute()).rowCount())
        .isEqualTo(1);
  }

  @Test
  void statement_isStopped_whenTheQueryIsGivenUp() throws Exception {
    Cancellation cancellation = new Cancellation();
    Future<?> answer =
        queries.run(
            cancellation,
            budget -> {
              count(budget);
              vertx.setTimer(100, id -> cancellation.cancel());
              return budget.select(reading, "select pg_sleep(600)", Tuple.tuple());
            });
    assertThatThrownBy(() -> wait(answer)).hasRootCauseInstanceOf(QueryLimitException.class);
    assertThat(wait(reading.query("insert into item values (5)").execute()).rowCount())
        .isEqualTo(1);
  }
}
