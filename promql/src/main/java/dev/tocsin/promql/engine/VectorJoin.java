package dev.tocsin.promql.engine;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.ast.VectorMatching.Cardinality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arithmetic and comparison between two vectors: one-to-one, many-to-one and one-to-many. */
final class VectorJoin {
  private final Evaluator evaluator;
  private final BinaryExpr expr;
  private final VectorMatching matching;
  private final MatchKey key;
  private final PointOperation operation;
  private final boolean swapped;

  VectorJoin(Evaluator evaluator, BinaryExpr expr, VectorMatching matching) {
    this.evaluator = evaluator;
    this.expr = expr;
    this.matching = matching;
    this.key = new MatchKey(matching);
    this.operation = new PointOperation(evaluator.state, expr);
    this.swapped = matching.cardinality() == Cardinality.ONE_TO_MANY;
  }

  List<StepSeries> evaluate(List<StepSeries> left, List<StepSeries> right) {
    List<StepSeries> many = swapped ? right : left;
    Map<Labels, List<StepSeries>> one = new HashMap<>();
    for (StepSeries series : swapped ? left : right) {
      one.computeIfAbsent(key.of(series.labels), labels -> new ArrayList<>()).add(series);
    }
    one.forEach(this::requireOne);
    Map<Labels, StepSeries> results = new LinkedHashMap<>();
    Map<Labels, boolean[]> taken = new HashMap<>();
    for (StepSeries series : many) {
      Labels signature = key.of(series.labels);
      for (StepSeries partner : one.getOrDefault(signature, List.of())) {
        join(series, partner, signature, results, taken);
      }
    }
    List<StepSeries> joined = new ArrayList<>();
    results.values().stream().filter(series -> !series.isEmpty()).forEach(joined::add);
    return joined;
  }

  private void requireOne(Labels signature, List<StepSeries> series) {
    for (int a = 0; a < series.size(); a++) {
      for (int b = a + 1; b < series.size(); b++) {
        for (int i = 0; i < evaluator.steps.count(); i++) {
          if (series.get(a).has(i) && series.get(b).has(i)) {
            throw PromqlException.execution(
                "found duplicate series for the match group "
                    + signature
                    + " on the "
                    + (swapped ? "left" : "right")
                    + " hand-side of the operation: ["
                    + series.get(b).labels
                    + ", "
                    + series.get(a).labels
                    + "];many-to-many matching not allowed: matching labels must be unique on one side");
          }
        }
      }
    }
  }

  private void join(
      StepSeries many,
      StepSeries one,
      Labels signature,
      Map<Labels, StepSeries> results,
      Map<Labels, boolean[]> taken) {
    int steps = evaluator.steps.count();
    Labels labels = resultLabels(many.labels, one.labels);
    boolean dropName = dropsName() || many.dropName;
    StepSeries out =
        results.computeIfAbsent(labels, known -> StepSeries.absent(known, dropName, steps));
    boolean oneToOne = matching.cardinality() == Cardinality.ONE_TO_ONE;
    boolean[] used =
        taken.computeIfAbsent(oneToOne ? signature : labels, known -> new boolean[steps]);
    for (int i = 0; i < steps; i++) {
      if (!many.has(i) || !one.has(i)) {
        continue;
      }
      boolean result = operation.apply(swapped ? one : many, swapped ? many : one, i, out);
      if (!result) {
        continue;
      }
      if (used[i]) {
        throw PromqlException.execution(
            oneToOne
                ? "multiple matches for labels: many-to-one matching must be explicit (use"
                    + " group_left/group_right)"
                : "multiple matches for labels: grouping labels must ensure unique matches");
      }
      used[i] = true;
    }
  }

  private boolean dropsName() {
    return !expr.op().comparison() || expr.bool();
  }

  private Labels resultLabels(Labels many, Labels one) {
    Labels.Builder builder = many.toBuilder();
    if (dropsName() && !evaluator.state.delayedNameRemoval()) {
      builder.remove(Labels.METRIC_NAME);
    }
    if (matching.cardinality() == Cardinality.ONE_TO_ONE) {
      Labels reduced = builder.build();
      if (!matching.on()) {
        return reduced.without(matching.labels());
      }
      List<String> kept = new ArrayList<>(matching.labels());
      if (evaluator.state.delayedNameRemoval() || !dropsName()) {
        kept.add(Labels.METRIC_NAME);
      }
      return reduced.keeping(kept);
    }
    for (String label : matching.include()) {
      builder.put(label, one.getOrEmpty(label));
    }
    return builder.build();
  }
}
