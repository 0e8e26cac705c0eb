package dev.tocsin.common.postgres;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the migrations of one schema, each once, on a connection of its own that no time-out
 * ends: a large store takes its time. It ends when the server works for it no longer. Of instances
 * that start together one migrates and the others wait until it is done.
 */
final class Migrator {
  private static final Logger log = LoggerFactory.getLogger(Migrator.class);
  private static final long TELL_EVERY_MS = 10_000;
  private static final long ASK_AGAIN_MS = 500;

  /** Far longer than we let the server wait between two statements. */
  private static final long LOOK_EVERY_MS = 10_000;

  /** Whatever the service, the role or the database would set; not every version knows all. */
  private static final String NO_TIMEOUTS =
      """
      select set_config(name, '0', false) from pg_settings
      where name in ('statement_timeout', 'lock_timeout', 'transaction_timeout',
        'idle_in_transaction_session_timeout', 'idle_session_timeout')\
      """;

  private final Vertx vertx;
  private final PgConnectOptions options;
  private final long connectTimeoutMs;
  private final Migrations migrations;
  private volatile String doing = "";
  private volatile boolean stopped;
  private volatile @Nullable SqlConnection current;

  Migrator(Vertx vertx, PgConnectOptions options, Duration connectTimeout, Migrations migrations) {
    this.vertx = vertx;
    this.options = options;
    this.connectTimeoutMs = connectTimeout.toMillis();
    this.migrations = migrations;
  }

  /** What it is at; empty when it is at nothing. */
  String doing() {
    return doing;
  }

  /** Completes when the schema is as wanted; fails when it cannot be made so now. */
  Future<Void> run() {
    if (migrations.scripts().isEmpty()) {
      return Future.succeededFuture();
    }
    Future<PgConnection> connecting = PgConnection.connect(vertx, options);
    return connecting
        .timeout(connectTimeoutMs, TimeUnit.MILLISECONDS)
        .onFailure(e -> connecting.onSuccess(PgConnection::close))
        .compose(
            connection -> {
              current = connection;
              ConnectionSocket.of(connection).keepAlive();
              return migrateWatched(connection)
                  .eventually(
                      () -> {
                        current = null;
                        doing = "";
                        // Gives up the lock, too.
                        return connection.close().otherwiseEmpty();
                      });
            });
  }

  /** Breaks off; the script under way is rolled back. */
  Future<Void> stop() {
    stopped = true;
    SqlConnection open = current;
    return open == null ? Future.succeededFuture() : open.close().otherwiseEmpty();
  }

  private Future<Void> migrateWatched(SqlConnection connection) {
    return BackendWatch.begin(vertx, options, LOOK_EVERY_MS, connection)
        .timeout(connectTimeoutMs, TimeUnit.MILLISECONDS)
        .onFailure(e -> ConnectionSocket.of(connection).end())
        .compose(watch -> migrate(connection).onComplete(done -> watch.end()));
  }

  private Future<Void> migrate(SqlConnection connection) {
    String schema = migrations.schema();
    return connection
        .query(NO_TIMEOUTS)
        .execute()
        .compose(v -> lock(connection))
        .compose(
            v ->
                connection
                    .query(
                        """
                        create schema if not exists %1$s;
                        create table if not exists %1$s.schema_migration (
                          version int primary key,
                          name text not null,
                          applied_at timestamptz not null default now())
                        """
                            .formatted(schema))
                    .execute())
        .compose(
            v ->
                connection
                    .query("select coalesce(max(version), 0) from " + schema + ".schema_migration")
                    .execute())
        .compose(rows -> applyAfter(connection, rows.iterator().next().getInteger(0)));
  }

  /**
   * Asks again and again rather than wait in one statement, which would keep the database from
   * cleaning up behind the instance that migrates.
   */
  private Future<Void> lock(SqlConnection connection) {
    int key = ("tocsin/" + migrations.schema()).hashCode();
    return connection
        .query("select pg_try_advisory_lock(" + key + ")")
        .execute()
        .compose(
            rows -> {
              if (rows.iterator().next().getBoolean(0)) {
                return Future.succeededFuture();
              }
              if (stopped) {
                return Future.failedFuture("stopped while another instance migrates");
              }
              if (doing.isEmpty()) {
                doing = "waiting for the instance that migrates schema " + migrations.schema();
                log.info("{}", doing);
              }
              Promise<Void> later = Promise.promise();
              vertx.setTimer(ASK_AGAIN_MS, id -> later.complete());
              return later.future().compose(v -> lock(connection));
            });
  }

  private Future<Void> applyAfter(SqlConnection connection, int version) {
    List<Migrations.Script> scripts = migrations.scripts();
    Future<Void> chain = Future.succeededFuture();
    for (int i = version; i < scripts.size(); i++) {
      Migrations.Script script = scripts.get(i);
      int number = i + 1;
      chain = chain.compose(v -> apply(connection, number, script));
    }
    return chain;
  }

  private Future<Void> apply(SqlConnection connection, int number, Migrations.Script script) {
    String name = migrations.schema() + "." + script.name();
    doing = "applying " + name + ", " + number + " of " + migrations.scripts().size();
    log.debug("{}", doing);
    long began = System.nanoTime();
    long ticker =
        vertx.setPeriodic(TELL_EVERY_MS, id -> log.info("{} for {} s", doing, secondsSince(began)));
    return connection
        .begin()
        .compose(
            tx ->
                connection
                    .query("set local search_path to " + migrations.schema())
                    .execute()
                    .compose(v -> connection.query(script.sql()).execute())
                    .compose(
                        v ->
                            connection
                                .preparedQuery(
                                    "insert into schema_migration(version, name) values ($1, $2)")
                                .execute(Tuple.of(number, script.name())))
                    .compose(v -> tx.commit())
                    .recover(
                        e -> tx.rollback().otherwiseEmpty().compose(v -> Future.failedFuture(e))))
        .onComplete(done -> vertx.cancelTimer(ticker))
        .onSuccess(v -> log.info("applied {} in {} s", name, secondsSince(began)));
  }

  private static long secondsSince(long nanoTime) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - nanoTime);
  }
}
