package dev.tocsin.storage.postgres;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.SampleCursor;
import dev.tocsin.promql.SeriesSet;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.storage.segment.SeriesSamples;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Series put together from blocks: of floats, or of native histograms. */
final class StoredSeriesSet implements SeriesSet {
  private final Iterator<Labels> series;
  private final Map<Labels, SeriesSamples> floats;
  private final Map<Labels, SortedMap<Long, Histogram>> histograms;
  private @Nullable Labels current;

  StoredSeriesSet(
      SortedMap<Labels, SeriesSamples> floats,
      SortedMap<Labels, SortedMap<Long, Histogram>> histograms) {
    this.floats = floats;
    this.histograms = histograms;
    TreeSet<Labels> all = new TreeSet<>(floats.keySet());
    all.addAll(histograms.keySet());
    this.series = all.iterator();
  }

  @Override
  public boolean next() {
    boolean more = series.hasNext();
    current = more ? series.next() : null;
    return more;
  }

  @Override
  public Labels labels() {
    Labels labels = current;
    if (labels == null) {
      throw new NoSuchElementException("no series");
    }
    return labels;
  }

  @Override
  public SampleCursor samples() {
    SortedMap<Long, Histogram> ofHistograms = histograms.get(labels());
    SeriesSamples samples = floats.get(labels());
    if (ofHistograms != null) {
      return new Histograms(ofHistograms.entrySet().iterator());
    }
    return new Cursor(samples == null ? new SeriesSamples(0, "", false) : samples);
  }

  @Override
  public void close() {}

  private static final class Histograms implements SampleCursor {
    private final Iterator<Map.Entry<Long, Histogram>> entries;
    private Map.@Nullable Entry<Long, Histogram> entry;

    Histograms(Iterator<Map.Entry<Long, Histogram>> entries) {
      this.entries = entries;
    }

    @Override
    public boolean next() {
      boolean more = entries.hasNext();
      entry = more ? entries.next() : null;
      return more;
    }

    private Map.Entry<Long, Histogram> entry() {
      Map.Entry<Long, Histogram> known = entry;
      if (known == null) {
        throw new NoSuchElementException("no sample");
      }
      return known;
    }

    @Override
    public long timestampMs() {
      return entry().getKey();
    }

    @Override
    public double value() {
      return Double.NaN;
    }

    @Override
    public Histogram histogram() {
      return entry().getValue();
    }
  }

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
