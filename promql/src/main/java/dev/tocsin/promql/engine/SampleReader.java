package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.StaleMarker;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Pulls a cursor into arrays and keeps the part a window needs: floats and histograms apart, by
 * time. Stale markers are left out. Floats are read ahead of the window, many at once.
 */
final class SampleReader {
  private static final int BULK = 512;

  long[] times = new long[BULK];
  double[] values = new double[BULK];
  int lo;
  int hi;

  /** Index of the last float read that is lower than the one before it, at most lo when none. */
  int lastDrop;

  /** End of the floats read; those from hi on are later than the window. */
  private int ahead;

  long[] histogramTimes = new long[0];
  @Nullable Histogram[] histograms = new @Nullable Histogram[0];
  int histogramLo;
  int histogramHi;

  private SampleCursor cursor = EmptyCursor.INSTANCE;
  private @Nullable HintDetector detector;
  private boolean pending;
  private boolean done;
  private long read;
  private long lastMs;

  /**
   * Starts on a new series.
   *
   * @param until no later time will be asked for
   */
  void reset(SampleCursor newCursor, boolean detectsResets, long until) {
    lastMs = until;
    ahead = 0;
    lastDrop = 0;
    detector = detectsResets ? new HintDetector() : null;
    cursor = newCursor;
    lo = 0;
    hi = 0;
    histogramLo = 0;
    histogramHi = 0;
    pending = false;
    done = false;
    read = 0;
  }

  long readCount() {
    return read;
  }

  /** Reads up to and including a time, dropping stale markers. */
  void fill(long untilMs) {
    while (true) {
      while (hi < ahead && times[hi] <= untilMs) {
        hi++;
      }
      if (hi < ahead || done) {
        return;
      }
      if (!pending) {
        int from = reserve(BULK);
        int count = cursor.read(lastMs, times, values, from, times.length - from);
        if (count > 0) {
          read += count;
          ahead = from + withoutStale(from, count);
          findDrops(from);
          continue;
        }
        if (!cursor.next()) {
          done = true;
          return;
        }
        pending = true;
      }
      if (cursor.timestampMs() > untilMs) {
        return;
      }
      take();
    }
  }

  private void take() {
    pending = false;
    read++;
    Histogram histogram = cursor.histogram();
    if (histogram != null) {
      if (!StaleMarker.is(histogram.sum())) {
        addHistogram(
            cursor.timestampMs(), detector == null ? histogram : detector.hinted(histogram));
      }
    } else if (!StaleMarker.is(cursor.value())) {
      int at = reserve(1);
      times[at] = cursor.timestampMs();
      values[at] = cursor.value();
      hi = at + 1;
      ahead = hi;
      findDrops(at);
    }
  }

  private int withoutStale(int from, int count) {
    int to = from;
    for (int i = from; i < from + count; i++) {
      double value = values[i];
      if (Double.isNaN(value) && StaleMarker.is(value)) {
        continue;
      }
      if (to != i) {
        times[to] = times[i];
        values[to] = value;
      }
      to++;
    }
    return to - from;
  }

  private void findDrops(int from) {
    for (int i = Math.max(from, lo + 1); i < ahead; i++) {
      if (values[i] < values[i - 1]) {
        lastDrop = i;
      }
    }
  }

  /**
   * Room for more floats at the end, when all that were read are in the window; moves it to the
   * front of the array before growing that.
   */
  private int reserve(int count) {
    if (hi + count > times.length) {
      int size = hi - lo;
      if (lo > 0) {
        System.arraycopy(times, lo, times, 0, size);
        System.arraycopy(values, lo, values, 0, size);
        lastDrop = Math.max(0, lastDrop - lo);
        lo = 0;
        hi = size;
        ahead = size;
      }
      if (size + count > times.length) {
        int capacity = Math.max(times.length * 2, size + count);
        times = Arrays.copyOf(times, capacity);
        values = Arrays.copyOf(values, capacity);
      }
    }
    return hi;
  }

  private void addHistogram(long time, Histogram histogram) {
    if (histogramHi == histogramTimes.length) {
      int size = histogramHi - histogramLo;
      int capacity = Math.max(16, size * 2);
      long[] newTimes = new long[capacity];
      @Nullable Histogram[] newHistograms = new @Nullable Histogram[capacity];
      System.arraycopy(histogramTimes, histogramLo, newTimes, 0, size);
      System.arraycopy(histograms, histogramLo, newHistograms, 0, size);
      histogramTimes = newTimes;
      histograms = newHistograms;
      histogramLo = 0;
      histogramHi = size;
    }
    histogramTimes[histogramHi] = time;
    histograms[histogramHi++] = histogram;
  }

  /** Whether what is read is a total of deltas. */
  boolean isTotalOfDeltas() {
    return cursor.isTotalOfDeltas();
  }

  /** Forgets samples up to and including a time. */
  void dropThrough(long timeMs) {
    dropThrough(timeMs, timeMs);
  }

  /** Forgets floats up to and including a time, and histograms up to another. */
  void dropThrough(long floatsMs, long histogramsMs) {
    while (lo < hi && times[lo] <= floatsMs) {
      lo++;
    }
    while (histogramLo < histogramHi && histogramTimes[histogramLo] <= histogramsMs) {
      histogramLo++;
    }
  }
}
