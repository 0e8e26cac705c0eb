package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.VectorSelector;
import java.util.List;
import java.util.Set;

/**
 * Tells which expressions have the same value at every step, because all their selectors are pinned
 * by {@code @}.
 */
final class StepInvariance {
  private static final Set<String> TIME_DEPENDENT =
      Set.of(
          "days_in_month",
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "hour",
          "minute",
          "month",
          "year",
          "predict_linear",
          "time",
          "timestamp",
          "start",
          "end",
          "step",
          "range");

  private StepInvariance() {}

  static boolean holds(Expr expr) {
    if (expr instanceof VectorSelector selector) {
      return selector.shift().at() != null;
    } else if (expr instanceof MatrixSelector matrix) {
      return matrix.selector().shift().at() != null;
    } else if (expr instanceof SubqueryExpr subquery) {
      return subquery.shift().at() != null;
    } else if (expr instanceof Call call && TIME_DEPENDENT.contains(call.function().name())) {
      return false;
    }
    List<Expr> inner = expr instanceof BinaryExpr binary ? binary.operands() : expr.children();
    for (Expr child : inner) {
      if (!holds(child)) {
        return false;
      }
    }
    return true;
  }
}
