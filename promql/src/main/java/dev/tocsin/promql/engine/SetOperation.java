package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code and} and {@code unless}: by matching labels, step by step. */
final class SetOperation {
  private SetOperation() {}

  static List<StepSeries> evaluate(
      Evaluator evaluator, BinaryExpr expr, List<StepSeries> left, List<StepSeries> right) {
    MatchKey key = new MatchKey(Objects.requireNonNull(expr.matching()));
    int steps = evaluator.steps.count();
    Map<Labels, boolean[]> present = presence(key, right, steps);
    List<StepSeries> result = new ArrayList<>();
    boolean keepWhere = expr.op() == BinaryOp.AND;
    for (StepSeries series : left) {
      boolean[] there = present.get(key.of(series.labels));
      StepSeries kept = filtered(series, there, keepWhere);
      if (!kept.isEmpty()) {
        result.add(kept);
      }
    }
    return SeriesMerge.merged(result);
  }

  private static Map<Labels, boolean[]> presence(MatchKey key, List<StepSeries> vector, int steps) {
    Map<Labels, boolean[]> present = new HashMap<>();
    for (StepSeries series : vector) {
      boolean[] there =
          present.computeIfAbsent(key.of(series.labels), labels -> new boolean[steps]);
      for (int i = 0; i < steps; i++) {
        there[i] |= series.has(i);
      }
    }
    return present;
  }

  static StepSeries filtered(
      StepSeries series, boolean @org.jspecify.annotations.Nullable [] there, boolean keepWhere) {
    if (there == null) {
      return keepWhere
          ? StepSeries.absent(series.labels, series.dropName, series.values.length)
          : series;
    }
    StepSeries kept = StepSeries.absent(series.labels, series.dropName, series.values.length);
    for (int i = 0; i < there.length; i++) {
      if (there[i] == keepWhere && series.has(i)) {
        kept.copy(i, series);
      }
    }
    return kept;
  }
}
