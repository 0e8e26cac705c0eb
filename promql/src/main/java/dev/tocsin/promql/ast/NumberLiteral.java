package dev.tocsin.promql.ast;

import java.util.List;

/**
 * A number.
 *
 * @param duration whether it was written as a duration ({@code 5m} is 300)
 */
public record NumberLiteral(double value, boolean duration, SourceRange position) implements Expr {
  @Override
  public ValueType type() {
    return ValueType.SCALAR;
  }

  @Override
  public List<Expr> children() {
    return List.of();
  }
}
