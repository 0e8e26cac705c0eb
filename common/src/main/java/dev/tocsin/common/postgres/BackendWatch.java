package dev.tocsin.common.postgres;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection whose statements may take for ever when the server works for it no longer: TCP
 * tells of a peer that is gone, but not where something in between still acknowledges, and not of
 * an answer that is lost. Another connection asks every few seconds what the server is doing for
 * the first. When that is gone, or waits for us since before the last look, it is dead, as we never
 * let it wait for so long. When nobody can be asked, nothing is known.
 */
final class BackendWatch {
  private static final Logger log = LoggerFactory.getLogger(BackendWatch.class);

  private static final String WHO =
      """
      select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()\
      """;

  private static final String WAITING_SINCE =
      """
      select case when state like 'idle%' then state_change::text end
      from pg_stat_activity where pid = $1 and backend_start::text = $2\
      """;

  /** It would keep its locks, and the migrations of all, for as long as it waits for us. */
  private static final String TERMINATE =
      """
      select pg_terminate_backend(pid)
      from pg_stat_activity where pid = $1 and backend_start::text = $2\
      """;

  private static final String WORKING = "working";
  private static final String GONE = "gone";

  private final Vertx vertx;
  private final PgConnectOptions options;
  private final long everyMs;
  private final ConnectionSocket wire;
  private final Tuple backend;
  private String before = WORKING;
  private boolean looking;
  private boolean ended;
  private long timer;

  private BackendWatch(
      Vertx vertx, PgConnectOptions options, long everyMs, ConnectionSocket wire, Tuple backend) {
    this.vertx = vertx;
    this.options = options;
    this.everyMs = everyMs;
    this.wire = wire;
    this.backend = backend;
  }

  /** Watches a connection until {@link #end}. */
  static Future<BackendWatch> begin(
      Vertx vertx, PgConnectOptions options, long everyMs, SqlConnection connection) {
    ConnectionSocket wire = ConnectionSocket.of(connection);
    return connection
        .query(WHO)
        .execute()
        .map(
            rows -> {
              Row row = rows.iterator().next();
              Tuple backend = Tuple.of(row.getInteger(0), row.getString(1));
              BackendWatch watch = new BackendWatch(vertx, options, everyMs, wire, backend);
              watch.timer = vertx.setPeriodic(everyMs, id -> watch.look());
              return watch;
            });
  }

  void end() {
    synchronized (this) {
      ended = true;
    }
    vertx.cancelTimer(timer);
  }

  /** One look at a time: a server that does not answer is not asked again and again. */
  private void look() {
    synchronized (this) {
      if (looking || ended) {
        return;
      }
      looking = true;
    }
    PgConnection.connect(vertx, options)
        .compose(
            other -> {
              ConnectionSocket.of(other).keepAlive();
              return lookOver(other)
                  .timeout(everyMs, TimeUnit.MILLISECONDS)
                  .onComplete(done -> ConnectionSocket.of(other).end());
            })
        .onFailure(e -> log.debug("cannot ask what Postgres is doing: {}", e.getMessage()))
        .onComplete(done -> looked());
  }

  private Future<Void> lookOver(SqlConnection other) {
    return other
        .preparedQuery(WAITING_SINCE)
        .execute(backend)
        .compose(
            rows ->
                isDead(rows)
                    ? other.preparedQuery(TERMINATE).execute(backend).<Void>mapEmpty()
                    : Future.succeededFuture());
  }

  private synchronized void looked() {
    looking = false;
  }

  /** Hangs up when it is. */
  private boolean isDead(RowSet<Row> rows) {
    String now = GONE;
    for (Row row : rows) {
      now = row.getString(0) == null ? WORKING : row.getString(0);
    }
    boolean dead = !now.equals(WORKING) && now.equals(before);
    before = now;
    if (dead) {
      log.warn("Postgres works for a migration no longer; its connection is taken for dead");
      wire.end();
    }
    return dead;
  }
}
