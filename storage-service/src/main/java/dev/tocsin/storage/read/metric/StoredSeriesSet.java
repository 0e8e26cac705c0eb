package dev.tocsin.storage.read.metric;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.SeriesSamples;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Series put together from blocks. */
final class StoredSeriesSet implements SeriesSet {
  private final List<Series> series;
  private int at = -1;

  /** A series and what was read of it. */
  record Series(Labels labels, SeriesSamples samples) {}

  /**
   * @param series each label set once, in any order
   */
  StoredSeriesSet(Collection<Series> series) {
    this.series = new ArrayList<>(series);
    this.series.sort(Comparator.comparing(Series::labels));
  }

  @Override
  public boolean next() {
    return ++at < series.size();
  }

  private Series current() {
    if (at < 0 || at >= series.size()) {
      throw new NoSuchElementException("no series");
    }
    return series.get(at);
  }

  @Override
  public Labels labels() {
    return current().labels();
  }

  @Override
  public SampleCursor samples() {
    return new Cursor(current().samples());
  }

  @Override
  public void close() {}

  /** Steps over histograms that Prometheus does not have. */
  private static final class Cursor implements SampleCursor {
    private final SeriesSamples samples;
    private int at = -1;
    private @Nullable Histogram histogram;

    Cursor(SeriesSamples samples) {
      this.samples = samples;
    }

    @Override
    public boolean next() {
      while (++at < samples.size()) {
        Exponential stored = samples.histogram(at);
        histogram = null;
        if (stored == null) {
          return true;
        }
        if (NativeHistograms.isShown(stored)) {
          histogram = NativeHistograms.of(stored);
          return true;
        }
      }
      return false;
    }

    @Override
    public int read(long untilMs, long[] timestampsMs, double[] values, int into, int max) {
      if (samples.hasHistograms()) {
        return 0;
      }
      int copied = samples.copy(at + 1, untilMs, timestampsMs, values, into, max);
      at += copied;
      return copied;
    }

    @Override
    public boolean isTotalOfDeltas() {
      return samples.accumulated();
    }

    @Override
    public long timestampMs() {
      return samples.timeMs(at);
    }

    @Override
    public double value() {
      return samples.value(at);
    }

    @Override
    public @Nullable Histogram histogram() {
      return histogram;
    }
  }
}
