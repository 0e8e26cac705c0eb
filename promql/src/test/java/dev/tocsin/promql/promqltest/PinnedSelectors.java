package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.AtModifier;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.NumberLiteral;
import dev.tocsin.promql.ast.ParenExpr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.TimeShift;
import dev.tocsin.promql.ast.UnaryExpr;
import dev.tocsin.promql.ast.VectorSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts {@code @ time} on the outermost selectors and subqueries that have none. */
final class PinnedSelectors {
  private static final Set<String> TIME_FUNCTIONS =
      Set.of(
          "days_in_month",
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "hour",
          "minute",
          "month",
          "year",
          "predict_linear",
          "time",
          "timestamp",
          "start",
          "end",
          "step",
          "range",
          "info");

  private final AtModifier at;

  private PinnedSelectors(long timeMs) {
    this.at = new AtModifier.Timestamp(timeMs);
  }

  /** Null when the value depends on the evaluation time even so. */
  static @Nullable Expr at(Expr expr, long timeMs) {
    return dependsOnTime(expr) ? null : new PinnedSelectors(timeMs).pin(expr);
  }

  private static boolean dependsOnTime(Expr expr) {
    if (expr instanceof Call call && TIME_FUNCTIONS.contains(call.function().name())) {
      return true;
    }
    boolean contextual =
        (expr instanceof VectorSelector selector && isContext(selector.shift()))
            || (expr instanceof SubqueryExpr subquery && isContext(subquery.shift()));
    return contextual || expr.children().stream().anyMatch(PinnedSelectors::dependsOnTime);
  }

  private static boolean isContext(TimeShift shift) {
    return shift.at() != null && !(shift.at() instanceof AtModifier.Timestamp);
  }

  private TimeShift pin(TimeShift shift) {
    return shift.at() == null ? new TimeShift(shift.offset(), at) : shift;
  }

  private Expr pin(Expr expr) {
    SourceRange place = expr.position();
    if (expr instanceof VectorSelector selector) {
      return selector.withShift(pin(selector.shift()), place);
    } else if (expr instanceof MatrixSelector matrix) {
      return new MatrixSelector((VectorSelector) pin(matrix.selector()), matrix.range(), place);
    } else if (expr instanceof SubqueryExpr subquery) {
      return subquery.withShift(pin(subquery.shift()), place);
    } else if (expr instanceof ParenExpr paren) {
      return new ParenExpr(pin(paren.expr()), place);
    } else if (expr instanceof UnaryExpr unary) {
      return new UnaryExpr(unary.negative(), pin(unary.expr()), place);
    } else if (expr instanceof BinaryExpr binary) {
      return new BinaryExpr(
          binary.op(),
          pin(binary.left()),
          pin(binary.right()),
          binary.matching(),
          binary.bool(),
          place);
    } else if (expr instanceof AggregateExpr aggregate) {
      Expr parameter = aggregate.parameter();
      return new AggregateExpr(
          aggregate.op(),
          pin(aggregate.expr()),
          parameter == null ? null : pin(parameter),
          aggregate.grouping(),
          aggregate.without(),
          place);
    } else if (expr instanceof Call call) {
      List<Expr> arguments = new ArrayList<>();
      call.arguments().forEach(argument -> arguments.add(pin(argument)));
      return new Call(call.function(), arguments, place);
    } else if (expr instanceof NumberLiteral || expr instanceof StringLiteral) {
      return expr;
    }
    throw new IllegalStateException("unknown expression");
  }
}
