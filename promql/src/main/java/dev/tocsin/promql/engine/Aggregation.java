package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Aggregations: groups by labels, then one accumulator per group, or a pick of its series. */
final class Aggregation {
  private Aggregation() {}

  static List<StepSeries> evaluate(Evaluator evaluator, AggregateExpr expr) {
    return switch (expr.op()) {
      case TOPK, BOTTOMK, LIMITK, LIMIT_RATIO -> PickAggregation.evaluate(evaluator, expr);
      case COUNT_VALUES -> CountValues.evaluate(evaluator, expr);
      case QUANTILE -> QuantileAggregation.evaluate(evaluator, expr);
      default -> accumulate(evaluator, expr);
    };
  }

  private static List<StepSeries> accumulate(Evaluator evaluator, AggregateExpr expr) {
    Map<Labels, Accumulator> groups = new LinkedHashMap<>();
    int steps = evaluator.steps.count();
    evaluator.each(
        expr.expr(),
        series ->
            groups
                .computeIfAbsent(
                    groupLabels(series.labels, expr),
                    labels -> Accumulator.of(expr, labels, steps, evaluator.state))
                .add(series));
    List<StepSeries> result = new ArrayList<>(groups.size());
    for (Accumulator group : groups.values()) {
      StepSeries series = group.result();
      if (!series.isEmpty()) {
        result.add(series);
      }
    }
    return result;
  }

  static Labels groupLabels(Labels labels, AggregateExpr expr) {
    if (expr.without()) {
      Labels rest = expr.grouping().isEmpty() ? labels : labels.without(expr.grouping());
      return rest.withoutName();
    }
    return expr.grouping().isEmpty() ? Labels.empty() : labels.keeping(expr.grouping());
  }
}
