package dev.tocsin.promql.ast;

import java.util.List;

/** A unary plus or minus before anything but a number. */
public record UnaryExpr(boolean negative, Expr expr, SourceRange position) implements Expr {
  @Override
  public ValueType type() {
    return expr.type();
  }

  @Override
  public List<Expr> children() {
    return List.of(expr);
  }
}
