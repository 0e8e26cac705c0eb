package dev.tocsin.promql.ast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aggregation over a vector.
 *
 * @param parameter of topk, quantile and the like, null for the others
 * @param grouping the labels of {@code by} or {@code without}
 * @param without whether {@code grouping} is dropped rather than kept
 */
public record AggregateExpr(
    AggregateOp op,
    Expr expr,
    @Nullable Expr parameter,
    List<String> grouping,
    boolean without,
    SourceRange position)
    implements Expr {
  public AggregateExpr {
    grouping = List.copyOf(grouping);
  }

  @Override
  public ValueType type() {
    return ValueType.VECTOR;
  }

  @Override
  public List<Expr> children() {
    return parameter == null ? List.of(expr) : List.of(parameter, expr);
  }
}
