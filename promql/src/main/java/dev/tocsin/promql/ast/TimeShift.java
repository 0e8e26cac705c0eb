package dev.tocsin.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * The {@code offset} and {@code @} modifiers of a selector or subquery.
 *
 * @param offset null when there is none
 * @param at null when there is none
 */
public record TimeShift(@Nullable DurationExpr offset, @Nullable AtModifier at) {
  public static final TimeShift NONE = new TimeShift(null, null);

  public long offsetMs(DurationExpr.Scope scope) {
    return offset == null ? 0 : offset.millis(scope, true);
  }
}
