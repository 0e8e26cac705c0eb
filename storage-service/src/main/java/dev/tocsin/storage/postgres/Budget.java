package dev.tocsin.storage.postgres;

import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.QueryLimits;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What is left of one query's time and bytes; used by its thread only. */
final class Budget {
  private final QueryLimits limits;
  private final long deadlineNanos;
  private long bytesRead;

  Budget(QueryLimits limits) {
    this.limits = limits;
    this.deadlineNanos = System.nanoTime() + limits.timeout().toNanos();
  }

  /** Counts stored bytes before they are decoded. */
  void read(long bytes) {
    bytesRead += bytes;
    if (bytesRead > limits.bytesMax()) {
      throw new QueryLimitException(
          QueryLimitException.Kind.TOO_MUCH,
          "the query reads more than "
              + limits.bytesMax()
              + " bytes (expected: a shorter time range or a narrower filter)");
    }
    remainingNanos();
  }

  private long remainingNanos() {
    long remaining = deadlineNanos - System.nanoTime();
    if (remaining <= 0) {
      throw timedOut();
    }
    return remaining;
  }

  private QueryLimitException timedOut() {
    return new QueryLimitException(
        QueryLimitException.Kind.TIMEOUT,
        "no answer within "
            + limits.timeout().toMillis()
            + " ms (expected: a shorter time range or a narrower filter)");
  }

  /** Runs a statement and waits for it, as long as the query has time. */
  RowSet<Row> select(Pool pool, String sql, Tuple parameters) throws Exception {
    Future<RowSet<Row>> rows = pool.preparedQuery(sql).execute(parameters);
    try {
      return rows.toCompletionStage()
          .toCompletableFuture()
          .get(remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw timedOut();
    }
  }
}
