package dev.tocsin.promql;

import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which series a query reads and how far back. A holder of a live window keeps the series that some
 * selector matches for {@link #maxLookbackMs()}.
 */
public final class SelectorAnalysis {
  /**
   * One selector of the query.
   *
   * @param rangeMs length of its own range; the lookback for an instant selector
   * @param offsetMs its own offset plus those of the subqueries around it; negative looks ahead
   * @param at the {@code @} that pins it or a subquery around it, null when it moves with the query
   * @param lookbackMs how far before the query's time the earliest sample lies that it may read:
   *     range, offset and the ranges of the subqueries around it
   */
  public record Selector(
      List<LabelMatcher> matchers,
      long rangeMs,
      long offsetMs,
      @Nullable AtModifier at,
      long lookbackMs) {
    /** Whether a series is read by this selector. */
    public boolean matches(Labels labels) {
      for (LabelMatcher matcher : matchers) {
        if (!matcher.matches(labels)) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Selector> selectors = new ArrayList<>();
  private final long instantLookbackMs;

  private SelectorAnalysis(long instantLookbackMs) {
    this.instantLookbackMs = instantLookbackMs;
  }

  /** The selectors of a query, with the default lookback of 5 minutes. */
  public static SelectorAnalysis of(Expr query) {
    return of(query, Duration.ofMinutes(5));
  }

  public static SelectorAnalysis of(Expr query, Duration instantLookback) {
    SelectorAnalysis analysis = new SelectorAnalysis(instantLookback.toMillis());
    analysis.visit(query, 0, 0, null);
    return analysis;
  }

  public List<Selector> selectors() {
    return List.copyOf(selectors);
  }

  /** The longest look-back of all selectors, 0 when there is none. */
  public long maxLookbackMs() {
    return selectors.stream().mapToLong(Selector::lookbackMs).max().orElse(0);
  }

  /**
   * Whether some selector is pinned by {@code @}, so that no window that moves with time can hold
   * its samples.
   */
  public boolean pinned() {
    return selectors.stream().anyMatch(selector -> selector.at() != null);
  }

  private void visit(Expr expr, long outerRange, long outerOffset, @Nullable AtModifier outerAt) {
    if (expr instanceof VectorSelector selector) {
      add(selector, instantLookbackMs, 0, outerRange, outerOffset, outerAt);
    } else if (expr instanceof MatrixSelector matrix) {
      long margin = matrix.selector().edges() == Edges.PLAIN ? 0 : instantLookbackMs;
      long range = millis(matrix.range());
      add(matrix.selector(), range, margin, outerRange, outerOffset, outerAt);
    } else if (expr instanceof SubqueryExpr subquery) {
      TimeShift shift = subquery.shift();
      AtModifier at = shift.at() == null ? outerAt : shift.at();
      visit(
          subquery.expr(), outerRange + millis(subquery.range()), outerOffset + offset(shift), at);
    } else if (expr instanceof Call call && call.function().name().equals("info")) {
      visit(call.arguments().get(0), outerRange, outerOffset, outerAt);
      addInfo(call, outerRange, outerOffset, outerAt);
    } else {
      List<Expr> inner = expr instanceof BinaryExpr binary ? binary.operands() : expr.children();
      for (Expr child : inner) {
        visit(child, outerRange, outerOffset, outerAt);
      }
    }
  }

  /** info() reads target_info unless its second argument names other metrics. */
  private void addInfo(Call call, long outerRange, long outerOffset, @Nullable AtModifier outerAt) {
    List<LabelMatcher> matchers = new ArrayList<>();
    if (call.arguments().size() > 1 && call.arguments().get(1) instanceof VectorSelector selector) {
      selector.matchers().stream()
          .filter(m -> m.name().equals(Labels.METRIC_NAME))
          .forEach(matchers::add);
    }
    if (matchers.isEmpty()) {
      matchers.add(LabelMatcher.equal(Labels.METRIC_NAME, "target_info"));
    }
    selectors.add(
        new Selector(
            List.copyOf(matchers),
            instantLookbackMs,
            outerOffset,
            outerAt,
            Math.max(0, instantLookbackMs + outerRange + outerOffset)));
  }

  private void add(
      VectorSelector selector,
      long range,
      long margin,
      long outerRange,
      long outerOffset,
      @Nullable AtModifier outerAt) {
    TimeShift shift = selector.shift();
    AtModifier at = shift.at() == null ? outerAt : shift.at();
    long offset = outerOffset + offset(shift);
    long lookback = Math.max(0, range + margin + outerRange + offset);
    selectors.add(new Selector(selector.matchers(), range, offset, at, lookback));
  }

  private static long offset(TimeShift shift) {
    return shift.offsetMs(DurationExpr.Scope.INSTANT);
  }

  private static long millis(DurationExpr duration) {
    return Math.max(0, duration.millis(DurationExpr.Scope.INSTANT, true));
  }
}
