package dev.tocsin.promql.ast;

import java.util.List;

/** A function call. */
public record Call(Function function, List<Expr> arguments, SourceRange position) implements Expr {
  public Call {
    arguments = List.copyOf(arguments);
  }

  @Override
  public ValueType type() {
    return function.returns();
  }

  @Override
  public List<Expr> children() {
    return arguments;
  }
}
