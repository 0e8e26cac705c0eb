package dev.tocsin.app.demo;

import io.opentelemetry.api.common.Attributes;

/** A business figure an operation reports, beside the durations that every operation has. */
record Measure(Kind kind, String metric, String unit, double value, Attributes attributes) {

  /** How values of a metric add up. */
  enum Kind {
    COUNTER,
    GAUGE
  }
}
