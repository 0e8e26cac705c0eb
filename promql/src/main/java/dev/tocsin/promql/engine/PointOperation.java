package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;

/** One operator applied to points. */
final class PointOperation {
  private final QueryState state;
  private final BinaryExpr expr;

  PointOperation(QueryState state, BinaryExpr expr) {
    this.state = state;
    this.expr = expr;
  }

  void withScalar(StepSeries series, double scalar, boolean scalarLeft, int step, StepSeries out) {
    if (!series.hasFloat(step)) {
      state.check();
      return;
    }
    double value = series.values[step];
    double left = scalarLeft ? scalar : value;
    double right = scalarLeft ? value : scalar;
    if (!expr.op().comparison()) {
      out.values[step] = Absent.clean(BinaryOperation.arithmetic(expr.op(), left, right));
    } else {
      boolean holds = BinaryOperation.compare(expr.op(), left, right);
      if (expr.bool()) {
        out.values[step] = holds ? 1 : 0;
      } else if (holds) {
        out.values[step] = value;
      }
    }
  }

  /** Whether a point came out. */
  boolean apply(StepSeries left, StepSeries right, int step, StepSeries out) {
    if (!left.hasFloat(step) || !right.hasFloat(step)) {
      return false;
    }
    double a = left.values[step];
    double b = right.values[step];
    if (!expr.op().comparison()) {
      out.values[step] = Absent.clean(BinaryOperation.arithmetic(expr.op(), a, b));
      return true;
    }
    boolean holds = BinaryOperation.compare(expr.op(), a, b);
    if (expr.bool()) {
      out.values[step] = holds ? 1 : 0;
    } else if (holds) {
      out.values[step] = a;
    }
    return holds || expr.bool();
  }
}
