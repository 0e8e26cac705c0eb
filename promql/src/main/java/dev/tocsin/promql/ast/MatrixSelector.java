package dev.tocsin.promql.ast;

import java.util.List;

/** A range selector. The modifiers after the range are kept in the selector. */
public record MatrixSelector(VectorSelector selector, DurationExpr range, SourceRange position)
    implements Expr {
  @Override
  public ValueType type() {
    return ValueType.MATRIX;
  }

  @Override
  public List<Expr> children() {
    return List.of(selector);
  }
}
