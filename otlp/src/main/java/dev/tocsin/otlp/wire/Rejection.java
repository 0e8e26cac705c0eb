package dev.tocsin.otlp.wire;

import java.util.Locale;

/** Why a single item is left out while the rest of its request is kept. */
public enum Rejection {
  INVALID_TRACE_ID("trace id (expected: 16 bytes, not all zero)"),
  INVALID_SPAN_ID("span id (expected: 8 bytes, not all zero)"),
  INVALID_TIME("time of a data point (expected: above 0)"),
  /** Of a span its start, of a log record its time, or the observed one where it has none. */
  TIME_OUTSIDE("time, which cannot be stored"),
  END_TIME_OUTSIDE("end time of a span, which cannot be stored"),
  LABELS_TOO_LONG("length of labels, which cannot be stored"),
  INVALID_TEMPORALITY("aggregation temporality (expected: delta or cumulative)"),
  INVALID_BUCKETS("histogram (expected: one bucket count more than bounds, or none of either)"),
  INVALID_BOUNDS("histogram bounds (expected: strictly increasing)"),
  INVALID_SCALE(
      "exponential histogram scale or bucket index (expected: buckets in the range of a double)"),
  ITEM_TOO_LARGE(
      "size (expected: an item that fits one Kafka record, and takes at most 48 MiB as objects)");

  private final String problem;

  Rejection(String problem) {
    this.problem = problem;
  }

  /** What is wrong with the item, for the sender. */
  public String problem() {
    return problem;
  }

  /** For metric labels. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
