package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.engine.RangeSelection.Arguments;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** absent and absent_over_time: 1 where there is nothing. */
final class AbsentFunctions {
  private AbsentFunctions() {}

  static List<StepSeries> absent(Evaluator evaluator, Call call) {
    boolean[] seen = new boolean[evaluator.steps.count()];
    Expr argument = call.arguments().get(0);
    evaluator.each(argument, series -> mark(seen, series));
    return result(seen, argument);
  }

  static List<StepSeries> absentOverTime(
      Evaluator evaluator, Expr range, RangeSelection selection, RangeFunction present) {
    boolean[] seen = new boolean[evaluator.steps.count()];
    selection.each(present, Arguments.NONE, false, series -> mark(seen, series));
    return result(seen, range);
  }

  private static void mark(boolean[] seen, StepSeries series) {
    for (int i = 0; i < seen.length; i++) {
      seen[i] |= series.has(i);
    }
  }

  private static List<StepSeries> result(boolean[] seen, Expr selector) {
    double[] values = StepSeries.absentValues(seen.length);
    boolean any = false;
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        values[i] = 1;
        any = true;
      }
    }
    return any ? List.of(new StepSeries(labels(selector), false, values)) : List.of();
  }

  /** The labels that the selector pins to one value. */
  private static Labels labels(Expr expr) {
    List<LabelMatcher> matchers = List.of();
    if (expr instanceof VectorSelector selector) {
      matchers = selector.matchers();
    } else if (expr instanceof MatrixSelector matrix) {
      matchers = matrix.selector().matchers();
    }
    Labels.Builder labels = Labels.builder();
    Set<String> seen = new HashSet<>();
    for (LabelMatcher matcher : matchers) {
      if (matcher.name().equals(Labels.METRIC_NAME)) {
        continue;
      }
      if (matcher.op() == LabelMatcher.Op.EQ && seen.add(matcher.name())) {
        labels.put(matcher.name(), matcher.value());
      } else {
        labels.remove(matcher.name());
      }
    }
    return labels.build();
  }
}
