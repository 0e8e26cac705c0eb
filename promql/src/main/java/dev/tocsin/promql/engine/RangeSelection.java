package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.SelectHints;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Slides a window over every series of a range selector or subquery and applies a function at each
 * step.
 */
final class RangeSelection {
  /**
   * A long window over many steps must notice a cancellation or the deadline before the series
   * ends.
   */
  private static final long CHECK_EVERY_SAMPLES = 1_000_000;

  private final Evaluator evaluator;
  private final QueryState state;
  private final Expr range;
  private final Edges edges;
  private final SelectorTimes times;
  private final long rangeMs;
  private final @Nullable SubqueryRange subquery;

  RangeSelection(Evaluator evaluator, Expr wrapped) {
    Expr expr = wrapped.unwrapped();
    this.evaluator = evaluator;
    this.state = evaluator.state;
    this.range = expr;
    TimeShift shift;
    if (expr instanceof MatrixSelector matrix) {
      shift = matrix.selector().shift();
      this.edges = matrix.selector().edges();
      this.rangeMs = matrix.range().millis(state.scope, false);
      this.subquery = null;
    } else {
      SubqueryExpr sub = (SubqueryExpr) expr;
      shift = sub.shift();
      this.edges = Edges.PLAIN;
      this.subquery = SubqueryRange.of(evaluator, sub);
      this.rangeMs = subquery.rangeMs();
    }
    this.times = new SelectorTimes(state, evaluator.steps, shift);
  }

  /** Whether all series are of one metric, so that they stay apart without its name. */
  boolean isOfOneMetric() {
    return range instanceof MatrixSelector matrix
        && matrix.selector().matchers().stream()
            .anyMatch(
                matcher ->
                    matcher.op() == LabelMatcher.Op.EQ
                        && matcher.name().equals(Labels.METRIC_NAME)
                        && !matcher.value().isEmpty());
  }

  /** Scalar arguments of a range function at every step; null where it takes none. */
  @SuppressWarnings("ArrayRecordComponent")
  record Arguments(double @Nullable [] first, double @Nullable [] second) {
    static final Arguments NONE = new Arguments(null, null);
  }

  void each(
      RangeFunction function, Arguments arguments, boolean keepName, Consumer<StepSeries> sink) {
    SampleReader reader = new SampleReader();
    RangeWindow window = new RangeWindow(state.notes, range.position(), rangeMs, edges);
    eachSeries(
        (labels, dropName, cursor) -> {
          reader.reset(
              cursor,
              subquery == null && evaluator.detail == Detail.STATS,
              times.last() + lookahead());
          window.labels = labels;
          StepSeries out =
              new StepSeries(
                  keepName ? labels : state.nameless(labels),
                  keepName ? dropName : true,
                  new double[evaluator.steps.count()]);
          if (slide(reader, window, function, arguments, out)) {
            sink.accept(out);
          }
          if (subquery == null) {
            state.countRead(reader.readCount());
          }
        });
  }

  private boolean slide(
      SampleReader reader,
      RangeWindow window,
      RangeFunction function,
      Arguments arguments,
      StepSeries out) {
    boolean any = false;
    long work = 0;
    double[] values = out.values;
    window.total = edges == Edges.PLAIN && function.seesBefore() && reader.isTotalOfDeltas();
    window.lookbackMs = state.lookbackMs;
    for (int i = 0; i < values.length; i++) {
      long end = times.time(i);
      long start = end - rangeMs;
      reader.fill(end + lookahead());
      long before = start - lookbehind();
      reader.dropThrough(window.total ? start - state.lookbackMs : before, before);
      window.view(reader);
      if (window.total) {
        window.beginTotalAfter(start);
      }
      boolean known = window.total && window.before >= 0;
      if (window.floats() == 0 && window.histogramCount() == 0 && !known) {
        values[i] = Absent.VALUE;
        continue;
      }
      work += window.floats() + window.histogramCount();
      if (work > CHECK_EVERY_SAMPLES) {
        state.checkNow();
        work = 0;
      }
      window.startMs = start;
      window.endMs = end;
      window.stepMs = evaluator.steps.time(i);
      window.argument0 = arguments.first == null ? 0 : arguments.first[i];
      window.argument1 = arguments.second == null ? 0 : arguments.second[i];
      window.result = null;
      values[i] = function.apply(window);
      if (window.result != null) {
        out.set(i, window.result);
      }
      any |= out.has(i);
    }
    return any;
  }

  /**
   * Smoothed windows also see the sample after their end, anchored and smoothed ones the sample
   * before their start.
   */
  private long lookahead() {
    return edges == Edges.SMOOTHED ? state.lookbackMs : 0;
  }

  private long lookbehind() {
    return edges == Edges.PLAIN ? 0 : state.lookbackMs;
  }

  private interface SeriesAction {
    void accept(Labels labels, boolean dropName, SampleCursor cursor);
  }

  private void eachSeries(SeriesAction action) {
    if (subquery != null) {
      for (StepSeries series : subquery.series()) {
        state.check();
        action.accept(series.labels, series.dropName, new StepCursor(series, subquery.steps()));
      }
      return;
    }
    MatrixSelector matrix = (MatrixSelector) range;
    SelectHints hints = new SelectHints(state.stepMs, rangeMs, "", List.of(), false, 0);
    SelectRequest request =
        new SelectRequest(
            matrix.selector().matchers(),
            times.first() - rangeMs - lookbehind() + 1,
            times.last() + lookahead(),
            hints);
    int count = 0;
    try (SeriesSet set = state.source.select(request)) {
      while (set.next()) {
        state.check();
        state.checkSeries(++count);
        action.accept(set.labels(), false, set.samples());
      }
    }
  }

  /** All samples of the window at the only step. */
  List<MatrixSeries> raw() {
    List<MatrixSeries> result = new ArrayList<>();
    long end = times.last();
    eachSeries(
        (labels, dropName, cursor) -> {
          SampleReader reader = new SampleReader();
          reader.reset(cursor, subquery == null && evaluator.detail == Detail.STATS, end);
          reader.fill(end);
          reader.dropThrough(end - rangeMs);
          state.countRead(reader.readCount());
          int size = reader.hi - reader.lo + reader.histogramHi - reader.histogramLo;
          if (size > 0) {
            result.add(rawSeries(labels, reader, size));
          }
        });
    return result;
  }

  private static MatrixSeries rawSeries(Labels labels, SampleReader reader, int size) {
    long[] times = new long[size];
    double[] values = new double[size];
    boolean hasHistograms = reader.histogramHi > reader.histogramLo;
    @Nullable Histogram @Nullable [] histograms =
        hasHistograms ? new @Nullable Histogram[size] : null;
    int f = reader.lo;
    int h = reader.histogramLo;
    for (int i = 0; i < size; i++) {
      boolean isFloat =
          h >= reader.histogramHi || (f < reader.hi && reader.times[f] < reader.histogramTimes[h]);
      times[i] = isFloat ? reader.times[f] : reader.histogramTimes[h];
      if (isFloat) {
        values[i] = reader.values[f++];
      } else if (histograms != null) {
        histograms[i] = reader.histograms[h++];
      }
    }
    return new MatrixSeries(labels, times, values, histograms);
  }
}
