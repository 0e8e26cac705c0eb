package dev.tocsin.promql;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.parse.ExprPrinter;

/** Syntax tree to text. What is printed parses to an equal tree. Stateless and thread-safe. */
public final class PromqlPrinter {
  private PromqlPrinter() {}

  /** The query on one line, in Prometheus's canonical form. */
  public static String print(Expr expr) {
    return ExprPrinter.print(expr);
  }

  /**
   * The query with a line break wherever a line would be longer than 100 characters, two spaces
   * deeper per level.
   */
  public static String pretty(Expr expr) {
    return ExprPrinter.pretty(expr);
  }
}
