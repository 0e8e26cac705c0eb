package dev.tocsin.alert.derive;

import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the series that spans can make: services in all, span names per service. What comes beyond
 * is counted under {@link #OVERFLOW}, so totals stay right. Names unseen for an hour give way.
 */
final class SpanNameLimit {
  /** The name OpenTelemetry uses for what does not fit. */
  static final String OVERFLOW = "otel.metric.overflow";

  private static final long FORGET_MS = 3_600_000;
  private static final long SWEEP_MS = 60_000;

  private final int servicesMax;
  private final int namesPerServiceMax;
  private final Map<String, Map<String, Long>> seen = new HashMap<>();
  private long sweptMs;
  private long overflows;

  SpanNameLimit(int servicesMax, int namesPerServiceMax) {
    this.servicesMax = servicesMax;
    this.namesPerServiceMax = namesPerServiceMax;
  }

  /** The fact under names that may be used. */
  SpanFact admit(SpanFact span, long nowMs) {
    Map<String, Long> names = seen.get(span.service());
    if (names == null) {
      if (seen.size() >= servicesMax) {
        overflows++;
        return new SpanFact(OVERFLOW, OVERFLOW, span.kind(), span.status(), span.seconds());
      }
      names = new HashMap<>();
      seen.put(span.service(), names);
    }
    if (names.containsKey(span.name()) || names.size() < namesPerServiceMax) {
      names.put(span.name(), nowMs);
      return span;
    }
    overflows++;
    return new SpanFact(span.service(), OVERFLOW, span.kind(), span.status(), span.seconds());
  }

  /** Makes room, at most once a minute. */
  void sweep(long nowMs) {
    if (nowMs - sweptMs < SWEEP_MS) {
      return;
    }
    sweptMs = nowMs;
    seen.values().forEach(names -> names.values().removeIf(at -> nowMs - at > FORGET_MS));
    seen.values().removeIf(Map::isEmpty);
  }

  /** How many spans have been counted under an overflow name so far. */
  long overflows() {
    return overflows;
  }
}
