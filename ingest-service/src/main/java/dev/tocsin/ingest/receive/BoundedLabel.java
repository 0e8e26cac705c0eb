package dev.tocsin.ingest.receive;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a metric label to a bounded number of values: those that came first. Thread-safe. */
final class BoundedLabel {
  static final String OTHER = "other";

  private final int valuesMax;
  private final Set<String> values = ConcurrentHashMap.newKeySet();

  BoundedLabel(int valuesMax) {
    this.valuesMax = valuesMax;
  }

  /** The value itself, or {@link #OTHER} when there are enough. */
  String of(String value) {
    if (values.contains(value)) {
      return value;
    }
    // Two threads may both find room: one value more does no harm.
    if (values.size() >= valuesMax) {
      return OTHER;
    }
    values.add(value);
    return value;
  }
}
