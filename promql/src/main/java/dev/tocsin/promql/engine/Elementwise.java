package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.Histogram;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Functions of single points. The results lose their metric name. */
final class Elementwise {
  private Elementwise() {}

  /** Floats only; histograms fall away. */
  static StepSeries map(QueryState state, StepSeries series, DoubleUnaryOperator function) {
    return map(state, series, function, null);
  }

  static StepSeries map(
      QueryState state,
      StepSeries series,
      DoubleUnaryOperator function,
      @Nullable UnaryOperator<Histogram> histogramFunction) {
    double[] values = new double[series.values.length];
    for (int i = 0; i < values.length; i++) {
      double value = series.values[i];
      values[i] = Absent.is(value) ? value : Absent.clean(function.applyAsDouble(value));
    }
    StepSeries mapped = new StepSeries(state.nameless(series.labels), true, values);
    if (series.histograms != null && histogramFunction != null) {
      for (int i = 0; i < values.length; i++) {
        Histogram histogram = series.histograms[i];
        if (histogram != null) {
          mapped.set(i, histogramFunction.apply(histogram));
        }
      }
    }
    return mapped;
  }
}
