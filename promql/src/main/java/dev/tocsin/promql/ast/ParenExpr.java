package dev.tocsin.promql.ast;

import java.util.List;

/** Parentheses, kept so that printing gives back what was written. */
public record ParenExpr(Expr expr, SourceRange position) implements Expr {
  @Override
  public ValueType type() {
    return expr.type();
  }

  @Override
  public List<Expr> children() {
    return List.of(expr);
  }
}
