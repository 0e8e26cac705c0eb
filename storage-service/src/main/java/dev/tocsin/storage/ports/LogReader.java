package dev.tocsin.storage.ports;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Stored log records, as the API of Loki needs them too. Thread-safe; nothing blocks the caller. A
 * query that would use more than its share of bytes, memory or time fails with {@link
 * QueryLimitException}.
 */
public interface LogReader {

  /**
   * Records that meet the query, in its order. A page has at least one, and no more than {@link
   * AnswerBytes#PAGE_MAX} has room for: fewer than the limit may be asked for go on at its end.
   */
  Future<LogPage> search(LogQuery query, Cancellation cancellation);

  /**
   * How many records meet the condition, by time and severity.
   *
   * @param stepNanos width of a bucket; the first begins at the range's start
   * @return every bucket of the range, also empty ones
   */
  Future<List<Bucket>> histogram(
      Condition<LogCondition> condition,
      TimeRange range,
      long stepNanos,
      Cancellation cancellation);

  /**
   * Follows records as they are stored, whichever instance stores them: about two seconds after
   * they were accepted, in the order of storing.
   *
   * @param listener called on one thread at a time, never blocking
   * @throws QueryLimitException kind BUSY when too many follow already
   */
  Tail tail(Condition<LogCondition> condition, TailListener listener);

  /** One who follows. */
  interface Tail extends AutoCloseable {
    @Override
    void close();
  }

  /** Takes what a tail finds. */
  interface TailListener {
    /** Records of one look; the listener keeps or drops them at once. */
    void records(List<StoredLog> records);
  }

  /**
   * @param next where to go on; empty when there are no more
   */
  record LogPage(List<StoredLog> logs, Optional<LogCursor> next) {}

  /**
   * @param counts by severity: none, trace, debug, info, warn, error, fatal
   */
  record Bucket(long startNanos, List<Long> counts) {}

  /**
   * A record as it came, or the beginning of a large one.
   *
   * @param nanos the time it is filed under
   * @param text its body as searched
   * @param resource without scopes
   * @param scope without records
   * @param truncated whether something of it was left out, as a list has no room for it
   * @param answerBytes what it takes in an answer in JSON, at most
   */
  record StoredLog(
      long nanos,
      String service,
      String text,
      LogRecord log,
      ResourceLogs resource,
      ScopeLogs scope,
      boolean truncated,
      long answerBytes) {

    /** Names of fields, times, quotes. */
    private static final int FRAME_BYTES = 300;

    public StoredLog(
        long nanos,
        String service,
        String text,
        LogRecord log,
        ResourceLogs resource,
        ScopeLogs scope,
        boolean truncated) {
      this(
          nanos,
          service,
          text,
          log,
          resource,
          scope,
          truncated,
          FRAME_BYTES
              + AnswerBytes.of(service)
              + AnswerBytes.of(text)
              + AnswerBytes.of(log)
              + AnswerBytes.of(resource)
              + AnswerBytes.of(scope));
    }
  }
}
