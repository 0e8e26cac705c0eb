package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.GoFloats;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** count_values: how many series have each value. */
final class CountValues {
  private CountValues() {}

  static List<StepSeries> evaluate(Evaluator evaluator, AggregateExpr expr) {
    String label = ((StringLiteral) Objects.requireNonNull(expr.parameter()).unwrapped()).value();
    if (!LabelText.isValidLabelName(label)) {
      throw PromqlException.execution("invalid label name " + LabelText.quote(label));
    }
    int steps = evaluator.steps.count();
    Map<Labels, StepSeries> groups = new LinkedHashMap<>();
    evaluator.each(
        expr.expr(),
        series -> {
          for (int i = 0; i < steps; i++) {
            if (series.has(i)) {
              Labels labels =
                  Aggregation.groupLabels(series.labels.with(label, text(series, i)), expr);
              if (!expr.without()) {
                labels = labels.with(label, text(series, i));
              }
              StepSeries group =
                  groups.computeIfAbsent(labels, key -> StepSeries.absent(key, false, steps));
              group.values[i] = group.hasFloat(i) ? group.values[i] + 1 : 1;
            }
          }
        });
    return new ArrayList<>(groups.values());
  }

  private static String text(StepSeries series, int step) {
    dev.tocsin.promql.histogram.Histogram histogram = series.histogram(step);
    return histogram == null ? GoFloats.plain(series.values[step]) : histogram.toString();
  }
}
