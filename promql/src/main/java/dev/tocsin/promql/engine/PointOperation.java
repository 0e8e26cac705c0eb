package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One operator applied to points, floats or histograms. */
final class PointOperation {
  /** What became of a pair of points. */
  enum Outcome {
    /** There is a result. */
    RESULT,
    /** A comparison does not hold, so the pair falls away, but it did match. */
    FILTERED,
    /** The operator is not for points of these types. */
    UNFIT
  }

  private final QueryState state;
  private final BinaryExpr expr;
  private final BinaryOp op;

  PointOperation(QueryState state, BinaryExpr expr) {
    this.state = state;
    this.expr = expr;
    this.op = expr.op();
  }

  void withScalar(StepSeries series, double scalar, boolean scalarLeft, int step, StepSeries out) {
    double value = series.values[step];
    Histogram histogram = series.histogram(step);
    if (scalarLeft) {
      apply(scalar, null, value, histogram, step, out, value);
    } else {
      apply(value, histogram, scalar, null, step, out, value);
    }
  }

  Outcome apply(StepSeries left, StepSeries right, int step, StepSeries out) {
    double kept = left.values[step];
    return apply(
        kept, left.histogram(step), right.values[step], right.histogram(step), step, out, kept);
  }

  /**
   * @param kept what a comparison of floats that holds gives
   */
  Outcome apply(
      double left,
      @Nullable Histogram leftHistogram,
      double right,
      @Nullable Histogram rightHistogram,
      int step,
      StepSeries out,
      double kept) {
    if (leftHistogram == null && rightHistogram == null) {
      return ofFloats(left, right, step, out, kept);
    } else if (leftHistogram != null && rightHistogram != null) {
      return ofHistograms(leftHistogram, rightHistogram, step, out);
    }
    return ofMixed(left, leftHistogram, right, rightHistogram, step, out);
  }

  private Outcome ofFloats(double left, double right, int step, StepSeries out, double kept) {
    if (op.trim()) {
      return unfit("float", "float");
    } else if (!op.comparison()) {
      out.values[step] = Absent.clean(BinaryOperation.arithmetic(op, left, right));
      return Outcome.RESULT;
    }
    boolean holds = BinaryOperation.compare(op, left, right);
    if (expr.bool()) {
      out.values[step] = holds ? 1 : 0;
    } else if (holds) {
      out.values[step] = kept;
    }
    return holds || expr.bool() ? Outcome.RESULT : Outcome.FILTERED;
  }

  private Outcome ofHistograms(Histogram left, Histogram right, int step, StepSeries out) {
    switch (op) {
      case ADD, SUB -> {
        Histogram result =
            op == BinaryOp.ADD
                ? HistogramMath.add(left, right, state.notes, expr.position())
                : HistogramMath.subtract(left, right, state.notes, expr.position());
        out.set(step, result);
        return result == null ? Outcome.UNFIT : Outcome.RESULT;
      }
      case EQL, NEQ -> {
        boolean holds = left.equals(right) == (op == BinaryOp.EQL);
        if (expr.bool()) {
          out.values[step] = holds ? 1 : 0;
        } else if (holds) {
          out.set(step, left);
        }
        return holds || expr.bool() ? Outcome.RESULT : Outcome.FILTERED;
      }
      default -> {
        return unfit("histogram", "histogram");
      }
    }
  }

  private Outcome ofMixed(
      double left,
      @Nullable Histogram leftHistogram,
      double right,
      @Nullable Histogram rightHistogram,
      int step,
      StepSeries out) {
    Histogram result = null;
    if (rightHistogram != null && op == BinaryOp.MUL) {
      result = rightHistogram.times(left).compact();
    } else if (leftHistogram != null) {
      result =
          switch (op) {
            case MUL -> leftHistogram.times(right).compact();
            case DIV -> leftHistogram.dividedBy(right).compact();
            case TRIM_UPPER -> leftHistogram.trimmed(right, true);
            case TRIM_LOWER -> leftHistogram.trimmed(right, false);
            default -> null;
          };
    }
    if (result == null) {
      return leftHistogram == null ? unfit("float", "histogram") : unfit("histogram", "float");
    }
    out.set(step, result);
    return Outcome.RESULT;
  }

  private Outcome unfit(String leftType, String rightType) {
    state.notes.incompatibleTypes(leftType, op.symbol(), rightType, expr.position());
    return Outcome.UNFIT;
  }
}
