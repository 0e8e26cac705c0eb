package dev.tocsin.storage.postgres;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A statement on a connection of its own that can be stopped. The connection goes back to the pool
 * only after a cancel request was delivered, so that it never hits somebody else's statement.
 */
final class RunningStatement {
  private final Pool pool;
  private final String sql;
  private final Tuple parameters;
  private @Nullable SqlConnection connection;
  private Future<Void> stopping = Future.succeededFuture();
  private boolean cancelled;

  RunningStatement(Pool pool, String sql, Tuple parameters) {
    this.pool = pool;
    this.sql = sql;
    this.parameters = parameters;
  }

  Future<RowSet<Row>> execute() {
    return pool.withConnection(
        free ->
            begin(free)
                ? free.preparedQuery(sql).execute(parameters).eventually(this::end)
                : Future.failedFuture("cancelled before it began"));
  }

  private synchronized boolean begin(SqlConnection free) {
    connection = free;
    return !cancelled;
  }

  private synchronized Future<Void> end() {
    connection = null;
    return stopping;
  }

  /** Asks the database to stop it, once it runs; does not wait. */
  synchronized void cancel() {
    cancelled = true;
    SqlConnection busy = connection;
    if (busy != null) {
      stopping = PgConnection.cast(busy).cancelRequest().otherwiseEmpty();
    }
  }
}
