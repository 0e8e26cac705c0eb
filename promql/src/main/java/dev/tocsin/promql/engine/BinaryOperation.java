package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import java.util.ArrayList;
import java.util.List;

/** Binary operators between scalars and vectors in any pairing. */
final class BinaryOperation {
  private BinaryOperation() {}

  static double[] scalars(BinaryExpr expr, double[] left, double[] right) {
    double[] result = new double[left.length];
    for (int i = 0; i < result.length; i++) {
      result[i] =
          expr.op().comparison()
              ? (compare(expr.op(), left[i], right[i]) ? 1 : 0)
              : Absent.clean(arithmetic(expr.op(), left[i], right[i]));
    }
    return result;
  }

  static List<StepSeries> withScalar(
      Evaluator evaluator,
      BinaryExpr expr,
      double[] scalar,
      boolean leftScalar,
      List<StepSeries> vector) {
    boolean filter = (expr.op().comparison() && !expr.bool()) || expr.op().trim();
    List<StepSeries> result = new ArrayList<>();
    PointOperation operation = new PointOperation(evaluator.state, expr);
    for (StepSeries series : vector) {
      StepSeries out =
          StepSeries.absent(
              filter ? series.labels : evaluator.state.nameless(series.labels),
              filter ? series.dropName : true,
              scalar.length);
      for (int i = 0; i < scalar.length; i++) {
        if (series.has(i)) {
          operation.withScalar(series, scalar[i], leftScalar, i, out);
        }
      }
      if (!out.isEmpty()) {
        result.add(out);
      }
    }
    return filter ? result : evaluator.state.distinct(result);
  }

  static double arithmetic(BinaryOp op, double a, double b) {
    return switch (op) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MOD -> a % b;
      case POW -> a == 1 || b == 0 ? 1 : a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
      case ATAN2 -> Math.atan2(a, b);
      default -> throw new IllegalStateException("not arithmetic: " + op);
    };
  }

  static boolean compare(BinaryOp op, double a, double b) {
    return switch (op) {
      case EQL -> a == b;
      case NEQ -> a != b;
      case GTR -> a > b;
      case LSS -> a < b;
      case GTE -> a >= b;
      case LTE -> a <= b;
      default -> throw new IllegalStateException("no comparison: " + op);
    };
  }
}
