package dev.tocsin.incident;

import dev.tocsin.common.contract.AlertEvent;
import java.time.Instant;
import java.util.Map;

/** Alert events to test with. */
public final class Alerts {
  public static final Instant T0 = Instant.parse("2026-11-23T01:00:00Z");

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

  private static AlertEvent event(AlertEvent.Status status, String fingerprint, Instant startsAt) {
    return new AlertEvent(
        status,
        Map.of("alertname", "high_error_rate", "service", "checkout", "severity", "critical"),
        Map.of("summary", "5 % of <checkout> & more fail", "description", "error_rate is 0.07"),
        startsAt,
        startsAt.plusSeconds(600),
        startsAt,
        "http://127.0.0.1:8083/rules#high_error_rate",
        fingerprint,
        "default/red",
        "high_error_rate",
        "0.07");
  }
}
