package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.SubqueryExpr;
import java.util.List;

/**
 * The steps of a subquery, aligned to its own resolution, and what its expression gives at them.
 */
record SubqueryRange(List<StepSeries> series, Steps steps, long rangeMs) {
  static SubqueryRange of(Evaluator outer, SubqueryExpr subquery) {
    QueryState state = outer.state;
    SelectorTimes times = new SelectorTimes(state, outer.steps, subquery.shift());
    long range = subquery.range().millis(state.scope, false);
    DurationExpr stepExpr = subquery.step();
    long step =
        stepExpr == null
            ? state.options.defaultSubqueryStep().toMillis()
            : Math.max(1, stepExpr.millis(state.scope, false));
    long from = times.first() - range;
    long first = step * Math.floorDiv(from, step);
    if (first <= from) {
      first += step;
    }
    long count = times.last() < first ? 0 : (times.last() - first) / step + 1;
    state.checkSteps(count);
    Steps steps = new Steps(first, step, (int) count);
    if (count == 0) {
      return new SubqueryRange(List.of(), steps, range);
    }
    return new SubqueryRange(
        new Evaluator(state, steps, outer.detail.withinSubquery()).vector(subquery.expr()),
        steps,
        range);
  }
}
