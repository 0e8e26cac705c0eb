package dev.tocsin.storage.ports;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What services do, from the tables of summaries: rates, the map, exceptions. Answers cost the same
 * whatever the number of spans. Ranges are widened to whole minutes. Thread-safe; nothing blocks
 * the caller.
 */
public interface ServiceReader {
  /** Stands for the kind in the line of all spans of kinds that were not asked for. */
  int OTHER_KINDS = -1;

  /**
   * Rate, errors and duration of every service that had spans in the range, by name; one that had
   * spans of other kinds only has no calls, but {@link Measures#otherSpans}.
   *
   * @param kinds of the spans that are counted
   */
  Future<List<Red>> services(TimeRange range, CountedKinds kinds, Cancellation cancellation);

  /**
   * The same for the operations of a service, the most called first; at most a thousand. A line of
   * {@link #OTHER_KINDS} comes first when there are spans that are not counted.
   */
  Future<List<Red>> operations(
      String service, TimeRange range, CountedKinds kinds, Cancellation cancellation);

  /**
   * Rate, errors and duration over time.
   *
   * @param operation empty for the whole service
   * @param stepMinutes width of a point; points without spans are left out, those with spans of
   *     other kinds only are not
   */
  Future<List<RedPoint>> overTime(
      String service,
      Optional<String> operation,
      TimeRange range,
      CountedKinds kinds,
      int stepMinutes,
      Cancellation cancellation);

  /** Who calls whom. */
  Future<List<Edge>> map(TimeRange range, Cancellation cancellation);

  /**
   * Groups of equal exceptions, the most frequent first.
   *
   * @param service only those
   */
  Future<List<ExceptionGroup>> exceptions(
      Optional<String> service, TimeRange range, int limit, Cancellation cancellation);

  /** How often each group of {@link #exceptions} occurred, in no order. */
  Future<List<ExceptionCount>> exceptionCounts(
      Optional<String> service, TimeRange range, Cancellation cancellation);

  /**
   * What groups of exceptions look like, in no order; nothing of unknown ones.
   *
   * @return groups without occurrences
   */
  Future<List<ExceptionGroup>> exceptionGroups(
      Collection<Long> fingerprints, Cancellation cancellation);

  /**
   * @param operation empty for a whole service
   * @param kind OTLP span kind, or {@link #OTHER_KINDS}; of an operation only
   */
  record Red(String service, String operation, int kind, Measures measures) {}

  record RedPoint(Instant time, Measures measures) {}

  /**
   * @param connectionType empty for a plain call, else messaging_system, database or virtual_node
   * @param serverMeanSeconds 0 when the server sends no spans
   */
  record Edge(
      String client,
      String server,
      String connectionType,
      long calls,
      long failed,
      double callsPerSecond,
      double clientMeanSeconds,
      double serverMeanSeconds) {}

  /**
   * @param fingerprint the same for ever
   * @param message of the newest
   * @param stack of the newest
   * @param traceId of the newest that had one; empty when none had
   */
  record ExceptionGroup(
      long fingerprint,
      String service,
      String type,
      long occurrences,
      Instant firstSeen,
      Instant lastSeen,
      String message,
      String stack,
      ByteString traceId) {

    /** With that many occurrences. */
    public ExceptionGroup occurring(long times) {
      return new ExceptionGroup(
          fingerprint, service, type, times, firstSeen, lastSeen, message, stack, traceId);
    }

    /** With another first time. */
    public ExceptionGroup seenFrom(Instant first) {
      return new ExceptionGroup(
          fingerprint, service, type, occurrences, first, lastSeen, message, stack, traceId);
    }
  }

  /**
   * How often exceptions of a group were told of.
   *
   * @param spans by events of spans
   * @param logs by log records outside of spans, which many services tell beside
   * @param otherLogs by log records in spans of which no event tells
   * @param lastSeen ever, as of this database
   */
  record ExceptionCount(long fingerprint, long spans, long logs, long otherLogs, Instant lastSeen) {
    /** Told by both, one counts once. */
    public long occurrences() {
      return Math.max(spans, logs) + otherLogs;
    }
  }
}
