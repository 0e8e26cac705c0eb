package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AggregateOp;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * topk, bottomk, limitk and limit_ratio: series of the input, kept at the steps where they are
 * picked.
 */
final class PickAggregation {
  private final Evaluator evaluator;
  private final AggregateExpr expr;
  private final int steps;
  private final double[] parameter;

  private PickAggregation(Evaluator evaluator, AggregateExpr expr) {
    this.evaluator = evaluator;
    this.expr = expr;
    this.steps = evaluator.steps.count();
    this.parameter = evaluator.scalar(Objects.requireNonNull(expr.parameter()));
  }

  static List<StepSeries> evaluate(Evaluator evaluator, AggregateExpr expr) {
    return new PickAggregation(evaluator, expr).run();
  }

  private List<StepSeries> run() {
    checkParameter();
    Map<Labels, List<StepSeries>> groups = new LinkedHashMap<>();
    for (StepSeries series : evaluator.vector(expr.expr())) {
      groups
          .computeIfAbsent(
              Aggregation.groupLabels(series.labels, expr), labels -> new ArrayList<>())
          .add(series);
    }
    List<StepSeries> result = new ArrayList<>();
    for (List<StepSeries> group : groups.values()) {
      result.addAll(pick(group));
    }
    return result;
  }

  private void checkParameter() {
    for (int i = 0; i < steps; i++) {
      double k = parameter[i];
      if (expr.op() == AggregateOp.LIMIT_RATIO) {
        checkRatio(k);
      } else if (Double.isNaN(k)) {
        throw PromqlException.execution("Parameter value is NaN");
      } else if (k >= 9.2e18 || k <= -9.2e18) {
        throw PromqlException.execution(
            String.format(
                java.util.Locale.ROOT,
                "Scalar value %s %s int64",
                k,
                k > 0 ? "overflows" : "underflows"));
      }
    }
  }

  private void checkRatio(double ratio) {
    if (Double.isNaN(ratio)) {
      throw PromqlException.execution("Ratio value is NaN");
    } else if (ratio < -1 || ratio > 1) {
      evaluator.state.notes.invalidRatio(
          ratio, ratio < 0 ? -1 : 1, Objects.requireNonNull(expr.parameter()).position());
    }
  }

  private List<StepSeries> pick(List<StepSeries> group) {
    List<StepSeries> kept = new ArrayList<>();
    for (StepSeries series : group) {
      kept.add(StepSeries.absent(series.labels, series.dropName, steps));
    }
    List<Integer> order = new ArrayList<>();
    double[] shares =
        expr.op() == AggregateOp.LIMIT_RATIO
            ? group.stream().mapToDouble(series -> RatioSampler.share(series.labels)).toArray()
            : new double[0];
    for (int i = 0; i < steps; i++) {
      order = chosen(group, shares, i);
      for (int index : order) {
        kept.get(index).copy(i, group.get(index));
      }
    }
    List<StepSeries> result = new ArrayList<>();
    if (steps == 1) {
      order.forEach(index -> result.add(kept.get(index)));
    } else {
      kept.stream().filter(series -> !series.isEmpty()).forEach(result::add);
    }
    return result;
  }

  /** The indexes of the series picked at a step, best first. */
  private List<Integer> chosen(List<StepSeries> group, double[] shares, int step) {
    List<Integer> present = new ArrayList<>();
    boolean byValue = expr.op() == AggregateOp.TOPK || expr.op() == AggregateOp.BOTTOMK;
    for (int s = 0; s < group.size(); s++) {
      StepSeries series = group.get(s);
      if (byValue ? series.hasFloat(step) : series.has(step)) {
        present.add(s);
      } else if (byValue && series.has(step)) {
        evaluator.state.notes.histogramIgnoredInAggregation(
            expr.op().text(), expr.expr().position());
      }
    }
    if (expr.op() == AggregateOp.LIMIT_RATIO) {
      double ratio = Math.max(-1, Math.min(1, parameter[step]));
      present.removeIf(s -> !RatioSampler.keeps(ratio, shares[s]));
      return present;
    }
    long k = (long) parameter[step];
    if (k < 1) {
      return List.of();
    }
    int kept = (int) Math.min(k, present.size());
    if (!byValue) {
      return new ArrayList<>(present.subList(0, kept));
    }
    TopHeap heap = new TopHeap(kept, expr.op() == AggregateOp.TOPK);
    present.forEach(s -> heap.offer(s, group.get(s).values[step]));
    return heap.best();
  }
}
