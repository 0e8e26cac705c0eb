package dev.tocsin.storage.summary;

import java.util.List;

/** The buckets of span durations in {@code span_red}. Part of the schema: never change them. */
public final class LatencyBuckets {
  /** Columns in order; each holds durations up to its name's, the last one all longer ones. */
  public static final List<String> COLUMNS =
      List.of(
          "le_1ms",
          "le_2500us",
          "le_5ms",
          "le_10ms",
          "le_25ms",
          "le_50ms",
          "le_100ms",
          "le_250ms",
          "le_500ms",
          "le_1s",
          "le_2500ms",
          "le_5s",
          "le_10s",
          "le_30s",
          "le_60s",
          "le_inf");

  private static final long US = 1_000;
  private static final long MS = 1_000_000;
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

  private LatencyBuckets() {}

  /** Place of the bucket of a duration. */
  static int place(long nanos) {
    int place = 0;
    while (place < BOUNDS.length && nanos > BOUNDS[place]) {
      place++;
    }
    return place;
  }
}
