package dev.tocsin.storage;

import dev.tocsin.promql.QueryResult;
import io.vertx.core.Future;

/**
 * PromQL over stored series. Thread-safe; nothing blocks the caller. Futures fail with {@link
 * dev.tocsin.promql.PromqlException} or {@link QueryLimitException}.
 */
public interface PromQueries {

  /** The value of a query at one time. */
  Future<QueryResult> instant(String query, long timeMs);

  /** The values of a query from start to end. */
  Future<QueryResult> range(String query, long startMs, long endMs, long stepMs);
}
