package dev.tocsin.incident;

import dev.tocsin.common.contract.AlertEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Alert events to test with. */
public final class Alerts {
  public static final Instant T0 = Instant.parse("2026-11-23T01:00:00Z");

  /** Longer than tests move the clock that are not about ends. */
  private static final Duration HOLDS = Duration.ofDays(1);

  private Alerts() {}

  public static AlertEvent firing(String fingerprint) {
    return firing(fingerprint, T0);
  }

  public static AlertEvent firing(String fingerprint, Instant startsAt) {
    return event(AlertEvent.Status.FIRING, fingerprint, startsAt);
  }

  public static AlertEvent resolved(String fingerprint) {
    return resolved(fingerprint, T0);
  }

  public static AlertEvent resolved(String fingerprint, Instant startsAt) {
    return event(AlertEvent.Status.RESOLVED, fingerprint, startsAt);
  }

  /** Stated again, to hold until then. */
  public static AlertEvent firing(
      String fingerprint, Instant startsAt, Instant statedAt, Instant endsAt) {
    return event(AlertEvent.Status.FIRING, fingerprint, startsAt, statedAt, endsAt, Map.of());
  }

  /** With more labels than the usual ones. */
  public static AlertEvent firing(String fingerprint, Map<String, String> labels) {
    return event(AlertEvent.Status.FIRING, fingerprint, T0, T0, T0.plus(HOLDS), labels);
  }

  private static AlertEvent event(AlertEvent.Status status, String fingerprint, Instant startsAt) {
    return event(status, fingerprint, startsAt, startsAt, startsAt.plus(HOLDS), Map.of());
  }

  private static AlertEvent event(
      AlertEvent.Status status,
      String fingerprint,
      Instant startsAt,
      Instant statedAt,
      Instant endsAt,
      Map<String, String> more) {
    Map<String, String> labels = new TreeMap<>(more);
    labels.putAll(
        Map.of("alertname", "high_error_rate", "service", "checkout", "severity", "critical"));
    return new AlertEvent(
        status,
        labels,
        Map.of("summary", "5 % of <checkout> & more fail", "description", "error_rate is 0.07"),
        startsAt,
        endsAt,
        statedAt,
        "http://127.0.0.1:8083/rules#high_error_rate",
        fingerprint,
        "default/red",
        "high_error_rate",
        "0.07");
  }
}
