package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.MemorySeries.Snapshot;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

final class MemorySeriesSet implements SeriesSet {
  private final List<Map.Entry<Labels, MemorySeries>> series;
  private final long startMs;
  private final long endMs;
  private int at = -1;

  MemorySeriesSet(List<Map.Entry<Labels, MemorySeries>> series, long startMs, long endMs) {
    this.series = series;
    this.startMs = startMs;
    this.endMs = endMs;
  }

  @Override
  public boolean next() {
    return ++at < series.size();
  }

  @Override
  public Labels labels() {
    return series.get(at).getKey();
  }

  @Override
  public SampleCursor samples() {
    return new Cursor(series.get(at).getValue().snapshot(), startMs, endMs);
  }

  @Override
  public void close() {}

  private static final class Cursor implements SampleCursor {
    private final long[] timestamps;
    private final double[] values;
    private final @Nullable Histogram @Nullable [] histograms;
    private final int end;
    private int at;

    Cursor(Snapshot samples, long startMs, long endMs) {
      this.timestamps = samples.timestampsMs();
      this.values = samples.values();
      this.histograms = samples.histograms();
      this.at = firstFrom(startMs, samples.size()) - 1;
      this.end = endMs == Long.MAX_VALUE ? samples.size() : firstFrom(endMs + 1, samples.size());
    }

    private int firstFrom(long timeMs, int size) {
      int found = Arrays.binarySearch(timestamps, 0, size, timeMs);
      return found < 0 ? -found - 1 : found;
    }

    @Override
    public boolean next() {
      return ++at < end;
    }

    @Override
    public long timestampMs() {
      return timestamps[at];
    }

    @Override
    public double value() {
      return values[at];
    }

    @Override
    public @Nullable Histogram histogram() {
      return histograms == null ? null : histograms[at];
    }

    @Override
    public int read(long untilMs, long[] toTimestamps, double[] toValues, int to, int max) {
      if (histograms != null) {
        return 0;
      }
      int from = at + 1;
      int stop = Math.min(end, from + max);
      if (from >= stop) {
        return 0;
      }
      if (timestamps[stop - 1] > untilMs) {
        int found = Arrays.binarySearch(timestamps, from, stop, untilMs);
        stop = found < 0 ? -found - 1 : found + 1;
      }
      int count = stop - from;
      System.arraycopy(timestamps, from, toTimestamps, to, count);
      System.arraycopy(values, from, toValues, to, count);
      at = stop - 1;
      return count;
    }
  }
}
