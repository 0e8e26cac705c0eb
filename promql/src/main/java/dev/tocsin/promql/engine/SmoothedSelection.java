package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SelectHints;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An instant selector with {@code smoothed}: at each step the point on the line between the sample
 * before and the one after it, as far as the lookback reaches to both sides. Without one after it
 * the one before stands; without one before it there is no point. Stale markers do not count.
 */
final class SmoothedSelection {
  private final Evaluator evaluator;
  private final VectorSelector selector;
  private final SelectorTimes times;
  private final long lookbackMs;

  SmoothedSelection(Evaluator evaluator, VectorSelector selector) {
    this.evaluator = evaluator;
    this.selector = selector;
    this.times = new SelectorTimes(evaluator.state, evaluator.steps, selector.shift());
    this.lookbackMs = evaluator.state.lookbackMs;
  }

  void each(Consumer<StepSeries> sink) {
    QueryState state = evaluator.state;
    SelectHints hints = new SelectHints(state.stepMs, 0, "", List.of(), false, 0);
    SelectRequest request =
        new SelectRequest(
            selector.matchers(), times.first() - lookbackMs + 1, times.last() + lookbackMs, hints);
    SampleReader reader = new SampleReader();
    int count = 0;
    try (SeriesSet set = state.source.select(request)) {
      while (set.next()) {
        state.check();
        StepSeries series =
            new StepSeries(set.labels(), false, new double[evaluator.steps.count()]);
        if (fill(series, set.samples(), reader)) {
          state.checkSeries(++count);
          sink.accept(series);
        }
      }
    }
  }

  private boolean fill(StepSeries series, SampleCursor cursor, SampleReader reader) {
    boolean any = false;
    reader.reset(cursor, evaluator.detail == Detail.STATS, times.last() + lookbackMs);
    for (int i = 0; i < series.values.length; i++) {
      long at = times.time(i);
      reader.fill(at + lookbackMs);
      reader.dropThrough(at - lookbackMs);
      series.values[i] = Absent.VALUE;
      boolean floats = reader.hi > reader.lo;
      boolean histograms = reader.histogramHi > reader.histogramLo;
      if (floats && histograms) {
        evaluator.state.notes.mixedFloatsHistograms(
            series.labels.metricName(), selector.position());
      } else if (floats) {
        series.values[i] = value(reader, at);
      } else if (histograms) {
        series.set(i, histogram(reader, at, series.labels));
      }
      any |= series.has(i);
    }
    evaluator.state.countRead(reader.readCount());
    return any;
  }

  private static double value(SampleReader reader, long at) {
    int next = firstFrom(reader.times, reader.lo, reader.hi, at);
    if (next < reader.hi && reader.times[next] == at) {
      return Absent.clean(reader.values[next]);
    } else if (next == reader.lo) {
      return Absent.VALUE;
    }
    double before = reader.values[next - 1];
    if (next == reader.hi) {
      return Absent.clean(before);
    }
    long from = reader.times[next - 1];
    return Absent.clean(
        before
            + (reader.values[next] - before) * (at - from) / (double) (reader.times[next] - from));
  }

  private @Nullable Histogram histogram(SampleReader reader, long at, Labels labels) {
    int lo = reader.histogramLo;
    int hi = reader.histogramHi;
    int next = firstFrom(reader.histogramTimes, lo, hi, at);
    if (next < hi && reader.histogramTimes[next] == at) {
      return reader.histograms[next];
    } else if (next == lo || next == hi) {
      return next == lo ? null : reader.histograms[next - 1];
    }
    Histogram before = Objects.requireNonNull(reader.histograms[next - 1]);
    Histogram after = Objects.requireNonNull(reader.histograms[next]);
    Notes notes = evaluator.state.notes;
    if (before.custom() != after.custom()) {
      notes.mixedExponentialCustom(labels.metricName(), selector.position());
      return null;
    }
    long from = reader.histogramTimes[next - 1];
    double part = (at - from) / (double) (reader.histogramTimes[next] - from);
    boolean gauges =
        before.hint() == CounterResetHint.GAUGE && after.hint() == CounterResetHint.GAUGE;
    if (!gauges && after.resetSince(before)) {
      return after.times(part);
    }
    Histogram change = HistogramMath.subtract(after, before, notes, selector.position());
    return change == null
        ? null
        : HistogramMath.add(change.times(part), before, notes, selector.position());
  }

  /** The index of the first time that is not before another; the end when all are. */
  private static int firstFrom(long[] times, int from, int to, long time) {
    int found = Arrays.binarySearch(times, from, to, time);
    return found < 0 ? -found - 1 : found;
  }
}
