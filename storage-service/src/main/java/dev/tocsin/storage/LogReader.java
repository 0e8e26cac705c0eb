package dev.tocsin.storage;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.vertx.core.Future;
import java.util.List;

/**
 * Stored log records. Thread-safe; nothing blocks the caller. A query that would read more than its
 * budget of bytes or time fails with {@link QueryLimitException}.
 */
public interface LogReader {

  /** Records that meet the query, newest first. */
  Future<List<StoredLog>> search(LogQuery query);

  /**
   * A record as it came.
   *
   * @param nanos the time it is filed under
   * @param text its body as searched
   * @param resource without scopes
   * @param scope without records
   */
  record StoredLog(
      long nanos,
      String service,
      String text,
      LogRecord log,
      ResourceLogs resource,
      ScopeLogs scope) {}
}
