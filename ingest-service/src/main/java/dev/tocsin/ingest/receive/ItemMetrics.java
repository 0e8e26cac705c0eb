package dev.tocsin.ingest.receive;

import dev.tocsin.common.otlp.OtlpSplit;
import dev.tocsin.common.otlp.Signal;
import dev.tocsin.ingest.Reason;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts items: {@code otlp_accepted_spans_total}, {@code otlp_refused_spans_total} and the same
 * for metric_points, log_records and profiles, by transport; refused also by reason. Items of a
 * body that cannot be read are not known and not counted.
 */
final class ItemMetrics {
  private final MeterRegistry registry;

  ItemMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void accepted(Payload payload, OtlpSplit split) {
    registry
        .counter("otlp.accepted." + unit(payload.signal()), "transport", payload.transport())
        .increment(split.accepted());
    rejected(payload, split);
  }

  void refused(Payload payload, OtlpSplit split, Reason reason) {
    refused(payload, reason.label(), split.accepted());
    rejected(payload, split);
  }

  private void rejected(Payload payload, OtlpSplit split) {
    split.rejected().forEach((rejection, items) -> refused(payload, rejection.label(), items));
  }

  private void refused(Payload payload, String reason, int items) {
    String name = "otlp.refused." + unit(payload.signal());
    registry.counter(name, "transport", payload.transport(), "reason", reason).increment(items);
  }

  private static String unit(Signal signal) {
    return switch (signal) {
      case TRACES -> "spans";
      case METRICS -> "metric.points";
      case LOGS -> "log.records";
      case PROFILES -> "profiles";
    };
  }
}
