package dev.tocsin.storage.postgres;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.SampleCursor;
import dev.tocsin.promql.SeriesSet;
import dev.tocsin.storage.segment.SeriesSamples;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Series put together from blocks. */
final class StoredSeriesSet implements SeriesSet {
  private final Iterator<Map.Entry<Labels, SeriesSamples>> series;
  private Map.@Nullable Entry<Labels, SeriesSamples> current;

  StoredSeriesSet(SortedMap<Labels, SeriesSamples> series) {
    this.series = series.entrySet().iterator();
  }

  @Override
  public boolean next() {
    boolean more = series.hasNext();
    current = more ? series.next() : null;
    return more;
  }

  @Override
  public Labels labels() {
    return entry().getKey();
  }

  @Override
  public SampleCursor samples() {
    return new Cursor(entry().getValue());
  }

  private Map.Entry<Labels, SeriesSamples> entry() {
    Map.Entry<Labels, SeriesSamples> entry = current;
    if (entry == null) {
      throw new NoSuchElementException("no series");
    }
    return entry;
  }

  @Override
  public void close() {}

  private static final class Cursor implements SampleCursor {
    private final SeriesSamples samples;
    private int at = -1;

    Cursor(SeriesSamples samples) {
      this.samples = samples;
    }

    @Override
    public boolean next() {
      return ++at < samples.size();
    }

    @Override
    public int read(long untilMs, long[] timestampsMs, double[] values, int into, int max) {
      int copied = 0;
      while (copied < max && at + 1 < samples.size() && samples.timeMs(at + 1) <= untilMs) {
        at++;
        timestampsMs[into + copied] = samples.timeMs(at);
        values[into + copied] = samples.value(at);
        copied++;
      }
      return copied;
    }

    @Override
    public long timestampMs() {
      return samples.timeMs(at);
    }

    @Override
    public double value() {
      return samples.value(at);
    }
  }
}
