package dev.tocsin.app.conformance.check;

/** The signals, with where each goes. */
public enum Telemetry {
  TRACES("traces", "/v1/traces", "trace.v1.TraceService", "rejectedSpans"),
  METRICS("metrics", "/v1/metrics", "metrics.v1.MetricsService", "rejectedDataPoints"),
  LOGS("logs", "/v1/logs", "logs.v1.LogsService", "rejectedLogRecords"),
  PROFILES(
      "profiles",
      "/v1development/profiles",
      "profiles.v1development.ProfilesService",
      "rejectedProfiles");

  private final String label;
  private final String path;
  private final String service;
  private final String rejectedField;

  Telemetry(String label, String path, String service, String rejectedField) {
    this.label = label;
    this.path = path;
    this.service = service;
    this.rejectedField = rejectedField;
  }

  public String label() {
    return label;
  }

  /** The default path of OTLP/HTTP. */
  public String path() {
    return path;
  }

  /** The path of the gRPC method. */
  public String method() {
    return "/opentelemetry.proto.collector." + service + "/Export";
  }

  /** The count in a JSON {@code partialSuccess}. */
  String rejectedField() {
    return rejectedField;
  }
}
