package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.BinaryOp;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.ValueType;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Evaluates a tree of binary operations from its operands upwards, each side at every step. Budgets
 * count the operands; what comes of them in between is never larger than they are together.
 */
final class BinaryEvaluation implements BinaryExpr.Fold<BinaryEvaluation.Side> {
  /** The value of one side of an operator. */
  sealed interface Side {
    /** A scalar, at every step. */
    @SuppressWarnings("ArrayRecordComponent")
    record Scalar(double[] values) implements Side {}

    /** A vector. */
    record Vector(List<StepSeries> series) implements Side {}

    /** A vector that grows by {@code or}; read once, by the operator above. */
    record Growing(Union union) implements Side {}

    default double[] scalar() {
      return ((Scalar) this).values;
    }

    default List<StepSeries> series() {
      return this instanceof Growing growing ? growing.union.series() : ((Vector) this).series;
    }
  }

  private final Evaluator evaluator;
  private final Set<BinaryExpr> invariant;

  private BinaryEvaluation(Evaluator evaluator, Set<BinaryExpr> invariant) {
    this.evaluator = evaluator;
    this.invariant = invariant;
  }

  static Side of(Evaluator evaluator, BinaryExpr expr) {
    Set<BinaryExpr> invariant = evaluator.steps.count() > 1 ? invariantBelow(expr) : Set.of();
    return expr.fold(new BinaryEvaluation(evaluator, invariant));
  }

  /** The operations with the same value at every step, which are evaluated once. */
  @SuppressWarnings("ReferenceEquality") // the node itself, not one that looks alike
  private static Set<BinaryExpr> invariantBelow(BinaryExpr root) {
    Set<BinaryExpr> found = Collections.newSetFromMap(new IdentityHashMap<>());
    Boolean whole =
        root.fold(
            new BinaryExpr.Fold<Boolean>() {
              @Override
              public Boolean operand(Expr expr) {
                return StepInvariance.holds(expr);
              }

              @Override
              public Boolean operation(BinaryExpr expr, Boolean left, Boolean right) {
                if (left && right && expr != root) {
                  found.add(expr);
                }
                return left && right;
              }
            });
    return whole ? Set.of() : found;
  }

  @Override
  public boolean isOperand(BinaryExpr expr) {
    return expr.type() == ValueType.VECTOR && invariant.contains(expr);
  }

  @Override
  public Side operand(Expr expr) {
    return expr.type() == ValueType.SCALAR
        ? new Side.Scalar(evaluator.scalar(expr))
        : new Side.Vector(evaluator.vector(expr));
  }

  @Override
  public Side operation(BinaryExpr expr, Side left, Side right) {
    evaluator.state.check();
    boolean leftScalar = left instanceof Side.Scalar;
    boolean rightScalar = right instanceof Side.Scalar;
    if (leftScalar && rightScalar) {
      return new Side.Scalar(BinaryOperation.scalars(expr, left.scalar(), right.scalar()));
    } else if (leftScalar) {
      return new Side.Vector(
          BinaryOperation.withScalar(evaluator, expr, left.scalar(), true, right.series()));
    } else if (rightScalar) {
      return new Side.Vector(
          BinaryOperation.withScalar(evaluator, expr, right.scalar(), false, left.series()));
    } else if (expr.op() == BinaryOp.OR) {
      return new Side.Growing(union(expr, left).plus(right.series()));
    } else if (expr.op().set()) {
      return new Side.Vector(SetOperation.evaluate(evaluator, expr, left.series(), right.series()));
    }
    return new Side.Vector(
        new VectorJoin(evaluator, expr, Objects.requireNonNull(expr.matching()))
            .evaluate(left.series(), right.series()));
  }

  /**
   * A chain of {@code or} by the same labels grows one union: else it would be copied each time.
   */
  private Union union(BinaryExpr expr, Side left) {
    var matching = Objects.requireNonNull(expr.matching());
    return left instanceof Side.Growing growing && growing.union.matching().equals(matching)
        ? growing.union
        : new Union(evaluator, matching, left.series());
  }
}
