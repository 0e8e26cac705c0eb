package dev.tocsin.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A binary operation.
 *
 * @param matching null unless both sides are vectors
 * @param bool whether a comparison gives 0 or 1 instead of filtering
 */
public record BinaryExpr(
    BinaryOp op,
    Expr left,
    Expr right,
    @Nullable VectorMatching matching,
    boolean bool,
    SourceRange position)
    implements Expr {
  @Override
  public ValueType type() {
    return left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR
        ? ValueType.SCALAR
        : ValueType.VECTOR;
  }

  @Override
  public List<Expr> children() {
    return List.of(left, right);
  }
}
