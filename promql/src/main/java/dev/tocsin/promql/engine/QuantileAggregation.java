package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** quantile over the series of each group. */
final class QuantileAggregation {
  private QuantileAggregation() {}

  static List<StepSeries> evaluate(Evaluator evaluator, AggregateExpr expr) {
    double[] q = evaluator.scalar(Objects.requireNonNull(expr.parameter()));
    for (double one : q) {
      if (!(one >= 0 && one <= 1)) {
        evaluator.state.notes.invalidQuantile(
            one, Objects.requireNonNull(expr.parameter()).position());
      }
    }
    Map<Labels, List<StepSeries>> groups = new LinkedHashMap<>();
    for (StepSeries series : evaluator.vector(expr.expr())) {
      groups
          .computeIfAbsent(
              Aggregation.groupLabels(series.labels, expr), labels -> new ArrayList<>())
          .add(series);
    }
    List<StepSeries> result = new ArrayList<>();
    groups.forEach((labels, series) -> result.add(quantiles(evaluator, expr, labels, series, q)));
    return result;
  }

  private static StepSeries quantiles(
      Evaluator evaluator, AggregateExpr expr, Labels labels, List<StepSeries> group, double[] q) {
    StepSeries result = StepSeries.absent(labels, false, q.length);
    double[] values = new double[group.size()];
    for (int i = 0; i < q.length; i++) {
      int count = 0;
      for (StepSeries series : group) {
        if (series.hasFloat(i)) {
          values[count++] = series.values[i];
        } else if (series.has(i)) {
          evaluator.state.notes.histogramIgnoredInAggregation("quantile", expr.expr().position());
        }
      }
      if (count > 0) {
        result.values[i] = Absent.clean(Quantiles.of(q[i], Arrays.copyOf(values, count)));
      }
    }
    return result;
  }
}
