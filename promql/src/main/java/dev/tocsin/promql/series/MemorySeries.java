package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series. Writers hold the lock; readers take a snapshot whose prefix never
 * changes.
 */
final class MemorySeries {
  /** The arrays may be longer than {@code size}, and grow past it after the snapshot was taken. */
  @SuppressWarnings("ArrayRecordComponent")
  record Snapshot(
      long[] timestampsMs,
      double[] values,
      @Nullable Histogram @Nullable [] histograms,
      int size) {}

  private static final int FIRST_CAPACITY = 16;

  private volatile Snapshot snapshot =
      new Snapshot(new long[FIRST_CAPACITY], new double[FIRST_CAPACITY], null, 0);

  Snapshot snapshot() {
    return snapshot;
  }

  synchronized void append(long timestampMs, double value, @Nullable Histogram histogram) {
    Snapshot now = snapshot;
    if (now.size > 0 && timestampMs <= now.timestampsMs[now.size - 1]) {
      snapshot = inserted(now, timestampMs, value, histogram);
      return;
    }
    Snapshot grown = now.size < now.timestampsMs.length ? now : resized(now, now.size * 2);
    @Nullable Histogram @Nullable [] histograms = grown.histograms;
    if (histogram != null && histograms == null) {
      histograms = new @Nullable Histogram[grown.timestampsMs.length];
    }
    if (histograms != null) {
      histograms[now.size] = histogram;
    }
    grown.timestampsMs[now.size] = timestampMs;
    grown.values[now.size] = value;
    snapshot = new Snapshot(grown.timestampsMs, grown.values, histograms, now.size + 1);
  }

  private static Snapshot inserted(
      Snapshot now, long timestampMs, double value, @Nullable Histogram histogram) {
    int at = Arrays.binarySearch(now.timestampsMs, 0, now.size, timestampMs);
    boolean replaces = at >= 0;
    int place = replaces ? at : -at - 1;
    int size = replaces ? now.size : now.size + 1;
    Snapshot copy = resized(now, Math.max(FIRST_CAPACITY, size + size / 2));
    @Nullable Histogram @Nullable [] histograms = copy.histograms;
    if (histogram != null && histograms == null) {
      histograms = new @Nullable Histogram[copy.timestampsMs.length];
    }
    if (!replaces) {
      System.arraycopy(now.timestampsMs, place, copy.timestampsMs, place + 1, now.size - place);
      System.arraycopy(now.values, place, copy.values, place + 1, now.size - place);
      if (histograms != null && now.histograms != null) {
        System.arraycopy(now.histograms, place, histograms, place + 1, now.size - place);
      }
    }
    copy.timestampsMs[place] = timestampMs;
    copy.values[place] = value;
    if (histograms != null) {
      histograms[place] = histogram;
    }
    return new Snapshot(copy.timestampsMs, copy.values, histograms, size);
  }

  private static Snapshot resized(Snapshot now, int capacity) {
    int length = Math.max(capacity, FIRST_CAPACITY);
    return new Snapshot(
        Arrays.copyOf(now.timestampsMs, length),
        Arrays.copyOf(now.values, length),
        now.histograms == null ? null : Arrays.copyOf(now.histograms, length),
        now.size);
  }

  /** Whether any sample is left. */
  synchronized boolean dropBefore(long timestampMs) {
    Snapshot now = snapshot;
    int at = Arrays.binarySearch(now.timestampsMs, 0, now.size, timestampMs);
    int from = at < 0 ? -at - 1 : at;
    if (from > 0) {
      int length = Math.max(FIRST_CAPACITY, now.size - from);
      snapshot =
          new Snapshot(
              Arrays.copyOfRange(now.timestampsMs, from, from + length),
              Arrays.copyOfRange(now.values, from, from + length),
              now.histograms == null
                  ? null
                  : Arrays.copyOfRange(now.histograms, from, from + length),
              now.size - from);
    }
    return now.size > from;
  }
}
