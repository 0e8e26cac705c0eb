package dev.tocsin.promql.ast;

import java.util.List;

/**
 * A node of the syntax tree. All nodes are immutable; {@code equals} compares structure and ignores
 * positions.
 */
public sealed interface Expr
    permits NumberLiteral,
        StringLiteral,
        VectorSelector,
        MatrixSelector,
        SubqueryExpr,
        Call,
        AggregateExpr,
        BinaryExpr,
        UnaryExpr,
        ParenExpr {
  SourceRange position();

  ValueType type();

  /**
   * The expressions this one is made of, in text order; durations and string parameters of
   * selectors excluded.
   */
  List<Expr> children();

  /** This expression without the parentheses around it. */
  default Expr unwrapped() {
    Expr expr = this;
    while (expr instanceof ParenExpr paren) {
      expr = paren.expr();
    }
    return expr;
  }
}
