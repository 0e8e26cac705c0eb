package dev.tocsin.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A subquery: an expression evaluated at every step of a range.
 *
 * @param step null for the engine's default
 */
public record SubqueryExpr(
    Expr expr,
    DurationExpr range,
    @Nullable DurationExpr step,
    TimeShift shift,
    SourceRange position)
    implements Expr {
  public SubqueryExpr withShift(TimeShift shift, SourceRange position) {
    return new SubqueryExpr(expr, range, step, shift, position);
  }

  @Override
  public ValueType type() {
    return ValueType.MATRIX;
  }

  @Override
  public List<Expr> children() {
    return List.of(expr);
  }
}
