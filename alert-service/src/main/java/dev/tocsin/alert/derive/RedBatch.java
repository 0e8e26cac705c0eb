package dev.tocsin.alert.derive;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** RED counts of the spans of one transaction. */
final class RedBatch {
  /** Upper bounds in seconds, the ones the HTTP semantic conventions advise. */
  static final double[] BOUNDS = {
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
  };

  /** What one series counts: the four span dimensions of the collector's spanmetrics connector. */
  record Key(String service, String name, int kind, int status) {}

  /** Calls of one key and how long they took. */
  static final class Counts {
    private final long[] buckets = new long[BOUNDS.length + 1];
    private long calls;
    private double seconds;

    /** Not cumulative; the last one is everything above the last bound. Not to be changed. */
    long[] buckets() {
      return buckets;
    }

    long calls() {
      return calls;
    }

    double seconds() {
      return seconds;
    }

    private void add(double duration) {
      calls++;
      seconds += duration;
      buckets[bucketOf(duration)]++;
    }
  }

  private final Map<Key, Counts> counts = new LinkedHashMap<>();

  void add(SpanFact span) {
    Key key = new Key(span.service(), span.name(), span.kind(), span.status());
    counts.computeIfAbsent(key, k -> new Counts()).add(span.seconds());
  }

  void forEach(BiConsumer<Key, Counts> action) {
    counts.forEach(action);
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Bounds are inclusive: a duration equal to a bound belongs to its bucket. */
  private static int bucketOf(double seconds) {
    int bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }
}
