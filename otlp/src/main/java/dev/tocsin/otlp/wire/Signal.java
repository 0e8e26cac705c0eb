package dev.tocsin.otlp.wire;

import dev.tocsin.common.contract.Topic;

/** The kinds of telemetry OTLP carries, with where each goes and what one piece of it is called. */
public enum Signal {
  TRACES("traces", "spans"),
  METRICS("metrics", "data points"),
  LOGS("logs", "log records"),
  /** In development: v1development of the protocol. */
  PROFILES("profiles", "profiles");

  private final String label;
  private final String items;

  Signal(String label, String items) {
    this.label = label;
    this.items = items;
  }

  /** As in OTLP's paths and in metric labels: traces, metrics, logs, profiles. */
  public String label() {
    return label;
  }

  /** What is counted, in the plural, for messages. */
  public String items() {
    return items;
  }

  /** Where it goes in Kafka. */
  public Topic topic() {
    return switch (this) {
      case TRACES -> Topic.SPANS;
      case METRICS -> Topic.METRICS;
      case LOGS -> Topic.LOGS;
      case PROFILES -> Topic.PROFILES;
    };
  }
}
