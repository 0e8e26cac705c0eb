package dev.tocsin.segment.summary;

/**
 * The buckets of span durations in {@code span_red}, as the function {@code latency_quantile} knows
 * them. Part of the schema: never change them.
 */
public final class LatencyBuckets {
  private static final long US = 1_000;
  private static final long MS = 1_000_000;

  /** A bucket holds durations up to its bound and above the one before; the last has no bound. */
  private static final long[] BOUNDS = {
    MS,
    2_500 * US,
    5 * MS,
    10 * MS,
    25 * MS,
    50 * MS,
    100 * MS,
    250 * MS,
    500 * MS,
    1_000 * MS,
    2_500 * MS,
    5_000 * MS,
    10_000 * MS,
    30_000 * MS,
    60_000 * MS
  };

  static final int COUNT = BOUNDS.length + 1;

  private LatencyBuckets() {}

  /** Place of the bucket of a duration, from 0. */
  static int place(long nanos) {
    int place = 0;
    while (place < BOUNDS.length && nanos > BOUNDS[place]) {
      place++;
    }
    return place;
  }
}
