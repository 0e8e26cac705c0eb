package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.StringLiteral;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** sort and its kin; the order shows in instant queries only. */
final class SortFunctions {
  private SortFunctions() {}

  static List<StepSeries> sort(Evaluator evaluator, Call call) {
    List<StepSeries> series = new ArrayList<>(evaluator.vector(call.arguments().get(0)));
    String name = call.function().name();
    if (evaluator.steps.count() != 1) {
      return series;
    }
    if (name.startsWith("sort_by_label")) {
      List<String> labels = new ArrayList<>();
      for (Expr argument : call.arguments().subList(1, call.arguments().size())) {
        labels.add(((StringLiteral) argument.unwrapped()).value());
      }
      Comparator<StepSeries> order = byLabels(labels);
      series.sort(name.endsWith("_desc") ? order.reversed() : order);
      return series;
    }
    series.removeIf(one -> !one.hasFloat(0));
    series.sort(byValue(name.equals("sort_desc")));
    return series;
  }

  /** NaN comes last either way. */
  static Comparator<StepSeries> byValue(boolean descending) {
    return (a, b) -> {
      double x = a.values[0];
      double y = b.values[0];
      if (Double.isNaN(x) || Double.isNaN(y)) {
        return Boolean.compare(Double.isNaN(x), Double.isNaN(y));
      }
      return x == y ? 0 : (x < y) == descending ? 1 : -1;
    };
  }

  private static Comparator<StepSeries> byLabels(List<String> labels) {
    return (a, b) -> {
      for (String label : labels) {
        int order = NaturalOrder.compare(a.labels.getOrEmpty(label), b.labels.getOrEmpty(label));
        if (order != 0) {
          return order;
        }
      }
      return a.labels.compareTo(b.labels);
    };
  }
}
