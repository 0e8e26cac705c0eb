package dev.tocsin.alert.derive;

import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * RED counts of some spans, one entry for each series. Their names come from outside, so there is a
 * bound on what the entries take up, here and as OTLP; spans of names that have no room any more
 * count under {@link SpanNameLimit#OVERFLOW}, so that totals stay right.
 */
final class RedBatch {
  /** Upper bounds in seconds, the ones the HTTP semantic conventions advise. */
  static final double[] BOUNDS = {
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
  };

  /** Two OTLP points with their bounds and buckets, without names. */
  private static final long ENTRY_BYTES = 600;

  /** A name stands in both points. */
  private static final long BYTES_PER_CHARACTER = 2;

  /** What one series counts: the four span dimensions of the collector's spanmetrics connector. */
  record Key(String service, String name, int kind, int status) {
    /** The same dimensions where the names do not fit. */
    Key overflow() {
      return new Key(SpanNameLimit.OVERFLOW, SpanNameLimit.OVERFLOW, kind, status);
    }

    /**
     * Decides the partition, so it must be the same in every process and release: a record's own
     * hash code need not be.
     */
    int seriesHash() {
      return 31 * (31 * (31 * service.hashCode() + name.hashCode()) + kind) + status;
    }

    private boolean isOverflow() {
      return service.equals(SpanNameLimit.OVERFLOW) && name.equals(SpanNameLimit.OVERFLOW);
    }

    private long bytes() {
      return ENTRY_BYTES + BYTES_PER_CHARACTER * (service.length() + name.length());
    }
  }

  /** What a service served, whatever its spans are called. */
  record Served(String service, int kind, int status) {
    /** As {@link Key#seriesHash}. */
    int seriesHash() {
      return 31 * (31 * service.hashCode() + kind) + status;
    }
  }

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

    private void add(Counts more) {
      calls += more.calls;
      seconds += more.seconds;
      for (int i = 0; i < buckets.length; i++) {
        buckets[i] += more.buckets[i];
      }
    }
  }

  private final long bytesMax;
  private final Map<Key, Counts> counts = new LinkedHashMap<>();
  private long bytes;
  private long calls;
  private long overflows;

  /**
   * @param bytesMax estimated size of the entries as OTLP, but for overflow entries
   */
  RedBatch(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  void add(SpanFact span) {
    Key key = new Key(span.service(), span.name(), span.kind(), span.status());
    entry(key, 1).add(span.seconds());
    calls++;
  }

  /** Adds calls under a key that may be another than the one they had. */
  void add(Key key, Counts more) {
    entry(key, more.calls()).add(more);
    calls += more.calls();
  }

  void addAll(RedBatch more) {
    more.counts.forEach(this::add);
    overflows += more.overflows;
  }

  private Counts entry(Key key, long spans) {
    Counts found = counts.get(key);
    if (found != null) {
      return found;
    }
    if (key.isOverflow() || bytes + key.bytes() <= bytesMax) {
      bytes += key.bytes();
      Counts fresh = new Counts();
      counts.put(key, fresh);
      return fresh;
    }
    overflows += spans;
    return counts.computeIfAbsent(key.overflow(), k -> new Counts());
  }

  /**
   * The requests among the calls, those that came to a service from outside, by service. Rules
   * about services read these: with one series for each name of a span, a few hundred services
   * would fill any window.
   */
  Map<Served, Counts> served() {
    Map<Served, Counts> served = new LinkedHashMap<>();
    counts.forEach(
        (key, some) -> {
          if (key.kind() == SpanKind.SPAN_KIND_SERVER_VALUE
              || key.kind() == SpanKind.SPAN_KIND_CONSUMER_VALUE) {
            Served service = new Served(key.service(), key.kind(), key.status());
            served.computeIfAbsent(service, s -> new Counts()).add(some);
          }
        });
    return served;
  }

  void forEach(BiConsumer<Key, Counts> action) {
    counts.forEach(action);
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Estimated size as OTLP. */
  long bytes() {
    return bytes;
  }

  /** How many spans are in it. */
  long calls() {
    return calls;
  }

  /** How many of them are under an overflow name because the batch was full. */
  long overflows() {
    return overflows;
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
