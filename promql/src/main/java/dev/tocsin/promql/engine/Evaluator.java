package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.AggregateExpr;
import dev.tocsin.promql.ast.BinaryExpr;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.NumberLiteral;
import dev.tocsin.promql.ast.ParenExpr;
import dev.tocsin.promql.ast.SubqueryExpr;
import dev.tocsin.promql.ast.UnaryExpr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.series.MatrixSeries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Evaluates expressions at a fixed list of steps. A subquery gets an evaluator of its own. */
final class Evaluator {
  final QueryState state;
  final Steps steps;
  final Detail detail;

  Evaluator(QueryState state, Steps steps) {
    this(state, steps, Detail.OPEN);
  }

  Evaluator(QueryState state, Steps steps, Detail detail) {
    this.state = state;
    this.steps = steps;
    this.detail = detail;
  }

  private Evaluator with(Detail newDetail) {
    return newDetail == detail ? this : new Evaluator(state, steps, newDetail);
  }

  /** The series of a vector expression, each with at least the room for all steps. */
  List<StepSeries> vector(Expr expr) {
    List<StepSeries> series = new ArrayList<>();
    each(expr, series::add);
    state.count((long) series.size() * steps.count());
    return series;
  }

  /**
   * Hands over the series of a vector expression one by one, so that an aggregation need not hold
   * them.
   */
  void each(Expr wrapped, Consumer<StepSeries> sink) {
    Expr expr = wrapped.unwrapped();
    if (steps.count() > 1 && StepInvariance.holds(expr)) {
      Evaluator once = new Evaluator(state, Steps.at(steps.startMs()), detail);
      once.each(expr, series -> sink.accept(series.repeated(steps.count())));
      return;
    }
    if (expr instanceof VectorSelector selector) {
      if (selector.edges() == VectorSelector.Edges.SMOOTHED) {
        new SmoothedSelection(this, selector).each(sink);
      } else {
        new InstantSelection(this, selector).each(sink);
      }
    } else if (expr instanceof Call call) {
      Functions.each(with(detail.within(call.function().name())), call, sink);
    } else if (expr instanceof AggregateExpr aggregate) {
      Aggregation.evaluate(this, aggregate).forEach(sink);
    } else if (expr instanceof BinaryExpr binary) {
      BinaryEvaluation.of(with(Detail.OPEN), binary).series().forEach(sink);
    } else if (expr instanceof UnaryExpr unary) {
      negate(unary, sink);
    } else {
      throw new IllegalStateException("no vector: " + expr.type());
    }
  }

  private void negate(UnaryExpr unary, Consumer<StepSeries> sink) {
    if (!unary.negative()) {
      each(unary.expr(), sink);
      return;
    }
    List<StepSeries> negated = new ArrayList<>();
    each(
        unary.expr(),
        series ->
            negated.add(Elementwise.map(state, series, value -> -value, HistogramMath::negate)));
    state.distinct(negated).forEach(sink);
  }

  /** The value of a scalar expression at every step. */
  double[] scalar(Expr wrapped) {
    Expr expr = wrapped.unwrapped();
    if (expr instanceof NumberLiteral number) {
      return constant(number.value());
    } else if (expr instanceof UnaryExpr unary) {
      double[] values = scalar(unary.expr());
      if (unary.negative()) {
        for (int i = 0; i < values.length; i++) {
          values[i] = -values[i];
        }
      }
      return values;
    } else if (expr instanceof BinaryExpr binary) {
      return BinaryEvaluation.of(this, binary).scalar();
    } else if (expr instanceof Call call) {
      return Functions.scalar(this, call);
    }
    throw new IllegalStateException("no scalar: " + expr.type());
  }

  double[] constant(double value) {
    double[] values = new double[steps.count()];
    Arrays.fill(values, Absent.clean(value));
    return values;
  }

  /** The samples of a range selector that is the whole query. */
  List<MatrixSeries> rawSamples(MatrixSelector selector) {
    return new RangeSelection(this, selector).raw();
  }

  List<MatrixSeries> subqueryPoints(Expr expr) {
    Expr unwrapped = expr;
    while (unwrapped instanceof ParenExpr paren) {
      unwrapped = paren.expr();
    }
    SubqueryRange range = SubqueryRange.of(this, (SubqueryExpr) unwrapped);
    List<MatrixSeries> result = new ArrayList<>();
    for (MatrixSeries series :
        QueryRunner.points(SeriesMerge.cleaned(range.series()), range.steps())) {
      result.add(series);
    }
    return result;
  }

  boolean isString(Expr expr) {
    return expr.type() == ValueType.STRING;
  }
}
