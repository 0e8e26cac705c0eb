package dev.tocsin.storage.query;

import dev.tocsin.common.postgres.Postgres;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * What one query sees of the database, however many statements it needs: rows that are merged into
 * another between two pages are neither missed nor read twice. Keeps a connection from the first
 * statement until it is closed; statements come one after the other. A statement can be stopped;
 * the connection goes back to the pool only after a cancel request was delivered, so that it never
 * hits somebody else's statement.
 */
public final class Snapshot implements AutoCloseable {
  private static final String BEGIN = "begin isolation level repeatable read, read only";

  /**
   * The planner thinks that comparing the arrays of a row costs nothing, and looks at all rows of a
   * time instead of asking the index; fetching and comparing arrays is most of the work, so a row
   * is told to be dear. And it must see the parameters: a plan for any time and any trace asks the
   * wrong index, and looks at every day.
   */
  private static final String BY_INDEX =
      BEGIN
          + "; set local enable_seqscan = off; set local cpu_tuple_cost = 10"
          + "; set local plan_cache_mode = force_custom_plan";

  private static final String END = "rollback";

  /**
   * Ends the connection, which the pool then replaces: a request to cancel arrives some time after
   * it was sent, and must not hit the statement of whoever would have the connection next.
   */
  private static final String LEAVE = END + "; select pg_terminate_backend(pg_backend_pid())";

  private static final int LEAVE_ATTEMPTS = 3;

  private final Pool pool;
  private final String begin;
  private @Nullable Future<Open> opened;
  private Future<Void> stopping = Future.succeededFuture();
  private boolean cancelled;

  /** A connection whose transaction has begun, or is about to: statements queue up behind. */
  private record Open(SqlConnection connection, Future<?> begun) {}

  /**
   * @param byIndex whether its statements are for few rows, which an index finds
   */
  Snapshot(Pool pool, boolean byIndex) {
    this.pool = pool;
    this.begin = byIndex ? BY_INDEX : BEGIN;
  }

  synchronized Future<RowSet<Row>> select(String sql, Tuple parameters) {
    if (opened == null) {
      opened = pool.getConnection().map(this::begin);
    }
    return opened.compose(open -> select(open, sql, parameters));
  }

  private Open begin(SqlConnection connection) {
    return new Open(connection, connection.query(begin).execute());
  }

  private synchronized Future<RowSet<Row>> select(Open open, String sql, Tuple parameters) {
    if (cancelled) {
      return Future.failedFuture("cancelled before it began");
    }
    return open.connection()
        .preparedQuery(sql)
        .execute(parameters)
        .compose(rows -> open.begun().map(rows));
  }

  /** Asks the database to stop what it runs; does not wait. */
  synchronized void cancel() {
    cancelled = true;
    Future<Open> known = opened;
    if (known != null && known.succeeded()) {
      stopping = PgConnection.cast(known.result().connection()).cancelRequest().otherwiseEmpty();
    }
  }

  /** Does not wait. */
  @Override
  public synchronized void close() {
    if (opened != null) {
      boolean leave = cancelled;
      opened.onSuccess(
          open ->
              stopping.onComplete(
                  stopped -> {
                    if (leave) {
                      leave(open.connection(), LEAVE_ATTEMPTS);
                    } else {
                      end(open.connection());
                    }
                  }));
    }
  }

  private static void end(SqlConnection connection) {
    connection.query(END).execute().onComplete(ended -> connection.close());
  }

  private static void leave(SqlConnection connection, int attempts) {
    connection
        .query(LEAVE)
        .execute()
        .onFailure(
            failure -> {
              // Once it is gone, the pool has seen to it; the late request may hit this as well.
              if (Postgres.isAway(failure)) {
                return;
              }
              if (attempts > 1) {
                leave(connection, attempts - 1);
              } else {
                var unused = connection.close();
              }
            });
  }
}
