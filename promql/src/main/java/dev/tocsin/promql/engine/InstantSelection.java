package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SelectHints;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.promql.series.StaleMarker;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An instant selector: at each step the latest sample within the lookback, unless it is a stale
 * marker.
 */
final class InstantSelection {
  private final Evaluator evaluator;
  private final VectorSelector selector;
  private final SelectorTimes times;
  private final long lookbackMs;

  InstantSelection(Evaluator evaluator, VectorSelector selector) {
    this.evaluator = evaluator;
    this.selector = selector;
    this.times = new SelectorTimes(evaluator.state, evaluator.steps, selector.shift());
    this.lookbackMs = evaluator.state.lookbackMs;
  }

  void each(Consumer<StepSeries> sink) {
    each(sink, false);
  }

  /** With {@code ofTimestamps} the value of a point is the time of its sample in seconds. */
  void each(Consumer<StepSeries> sink, boolean ofTimestamps) {
    QueryState state = evaluator.state;
    SelectHints hints = new SelectHints(state.stepMs, 0, "", List.of(), false, 0);
    SelectRequest request =
        new SelectRequest(selector.matchers(), times.first() - lookbackMs + 1, times.last(), hints);
    int count = 0;
    try (SeriesSet set = state.source.select(request)) {
      while (set.next()) {
        state.check();
        StepSeries series =
            new StepSeries(set.labels(), false, new double[evaluator.steps.count()]);
        if (fill(series, set.samples(), ofTimestamps)) {
          state.checkSeries(++count);
          sink.accept(series);
        }
      }
    }
  }

  private boolean fill(StepSeries series, SampleCursor cursor, boolean ofTimestamps) {
    boolean any = false;
    boolean more = cursor.next();
    long read = more ? 1 : 0;
    long lastTime = Long.MIN_VALUE;
    double lastValue = 0;
    @Nullable Histogram lastHistogram = null;
    HintDetector detector = evaluator.detail == Detail.STATS ? new HintDetector() : null;
    double[] values = series.values;
    for (int i = 0; i < values.length; i++) {
      long at = times.time(i);
      while (more && cursor.timestampMs() <= at) {
        lastTime = cursor.timestampMs();
        lastValue = cursor.value();
        lastHistogram = cursor.histogram();
        if (detector != null && lastHistogram != null) {
          lastHistogram = detector.hinted(lastHistogram);
        }
        more = cursor.next();
        read++;
      }
      values[i] = Absent.VALUE;
      if (lastTime == Long.MIN_VALUE
          || lastTime <= at - lookbackMs
          || stale(lastValue, lastHistogram)) {
        continue;
      }
      any = true;
      if (ofTimestamps) {
        values[i] = lastTime / 1000.0;
      } else if (lastHistogram != null) {
        series.set(i, lastHistogram);
      } else {
        values[i] = Absent.clean(lastValue);
      }
    }
    evaluator.state.countRead(read);
    return any;
  }

  private static boolean stale(double value, @Nullable Histogram histogram) {
    return StaleMarker.is(histogram == null ? value : histogram.sum());
  }
}
