package dev.tocsin.promql.ast;

import java.util.List;

/** A string, escapes resolved. */
public record StringLiteral(String value, SourceRange position) implements Expr {
  @Override
  public ValueType type() {
    return ValueType.STRING;
  }

  @Override
  public List<Expr> children() {
    return List.of();
  }
}
