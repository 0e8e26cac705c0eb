package dev.tocsin.storage;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What services do, from the tables of summaries: rates, the map, exceptions. Answers cost the same
 * whatever the number of spans. Ranges are widened to whole minutes. Thread-safe; nothing blocks
 * the caller.
 */
public interface ServiceReader {

  /** Rate, errors and duration of every service that had spans in the range, by name. */
  Future<List<Red>> services(TimeRange range, Cancellation cancellation);

  /** The same for the operations of a service, the most called first; at most a thousand. */
  Future<List<Red>> operations(String service, TimeRange range, Cancellation cancellation);

  /**
   * Rate, errors and duration over time.
   *
   * @param operation empty for the whole service
   * @param stepMinutes width of a point; points without calls are left out
   */
  Future<List<RedPoint>> overTime(
      String service,
      Optional<String> operation,
      TimeRange range,
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

  /**
   * @param operation empty for a whole service
   * @param kind OTLP span kind; of an operation only
   */
  record Red(String service, String operation, int kind, Measures measures) {}

  record RedPoint(Instant time, Measures measures) {}

  /**
   * @param callsPerSecond over the time asked for
   * @param errorRatio 0-1
   * @param p50Seconds quantiles are estimates from buckets
   */
  record Measures(
      long calls,
      long errors,
      double callsPerSecond,
      double errorRatio,
      double meanSeconds,
      double p50Seconds,
      double p95Seconds,
      double p99Seconds) {}

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
      ByteString traceId) {}
}
