package dev.tocsin.common.otlp;

import java.util.Locale;

/** Why a single item is left out while the rest of its request is kept. */
public enum Rejection {
  INVALID_TRACE_ID("trace id (expected: 16 bytes, not all zero)"),
  INVALID_SPAN_ID("span id (expected: 8 bytes, not all zero)"),
  ITEM_TOO_LARGE("size (expected: an item that fits one Kafka record)");

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
