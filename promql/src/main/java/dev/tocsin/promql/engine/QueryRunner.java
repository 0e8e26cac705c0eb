package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.MatrixSelector;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.MatrixSeries;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.promql.text.PromqlException.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs one query and shapes its result. */
public final class QueryRunner {
  private QueryRunner() {}

  public static QueryResult instant(
      EngineOptions options, SeriesSource source, Expr query, long timeMs, QueryContext context) {
    QueryState state = new QueryState(options, source, context, timeMs, timeMs, 0);
    Steps steps = Steps.at(timeMs);
    Evaluator evaluator = new Evaluator(state, steps);
    Expr expr = query.unwrapped();
    Value value =
        guarded(
            () ->
                switch (expr.type()) {
                  case SCALAR -> new Value.Scalar(timeMs, evaluator.scalar(expr)[0]);
                  case STRING -> new Value.StringValue(timeMs, ((StringLiteral) expr).value());
                  case MATRIX -> matrix(evaluator, expr);
                  case VECTOR -> vector(SeriesMerge.cleaned(evaluator.vector(expr)), timeMs);
                });
    return new QueryResult(value, state.notes.list(), state.samplesRead());
  }

  private static Value matrix(Evaluator evaluator, Expr expr) {
    List<MatrixSeries> series =
        expr instanceof MatrixSelector selector
            ? evaluator.rawSamples(selector)
            : evaluator.subqueryPoints(expr);
    return new Value.Matrix(series);
  }

  private static Value vector(List<StepSeries> series, long timeMs) {
    List<Value.Sample> samples = new ArrayList<>();
    for (StepSeries one : series) {
      if (one.has(0)) {
        Histogram histogram = one.histogram(0);
        samples.add(
            new Value.Sample(one.labels, timeMs, histogram == null ? one.values[0] : 0, histogram));
      }
    }
    return new Value.InstantVector(samples);
  }

  public static QueryResult range(
      EngineOptions options,
      SeriesSource source,
      Expr query,
      long startMs,
      long endMs,
      long stepMs,
      QueryContext context) {
    if (stepMs <= 0) {
      throw new PromqlException(
          Kind.EXECUTION, "zero or negative query resolution step widths are not accepted");
    } else if (endMs < startMs) {
      throw new PromqlException(Kind.EXECUTION, "end timestamp must not be before start time");
    }
    ValueType type = query.type();
    if (type != ValueType.VECTOR && type != ValueType.SCALAR) {
      throw new PromqlException(
          Kind.EXECUTION,
          "invalid expression type \""
              + type.documented()
              + "\" for range query, must be Scalar or instant Vector");
    }
    QueryState state = new QueryState(options, source, context, startMs, endMs, stepMs);
    long count = (endMs - startMs) / stepMs + 1;
    state.checkSteps(count);
    Steps steps = new Steps(startMs, stepMs, (int) count);
    Evaluator evaluator = new Evaluator(state, steps);
    Expr expr = query.unwrapped();
    Value value =
        guarded(
            () -> {
              List<StepSeries> series =
                  type == ValueType.SCALAR
                      ? List.of(new StepSeries(Labels.empty(), false, evaluator.scalar(expr)))
                      : SeriesMerge.cleaned(evaluator.vector(expr));
              return new Value.Matrix(points(series, steps));
            });
    return new QueryResult(value, state.notes.list(), state.samplesRead());
  }

  static List<MatrixSeries> points(List<StepSeries> series, Steps steps) {
    List<MatrixSeries> result = new ArrayList<>(series.size());
    for (StepSeries one : series) {
      int count = one.pointCount();
      if (count > 0) {
        result.add(points(one, steps, count));
      }
    }
    result.sort(Comparator.comparing(MatrixSeries::labels));
    return result;
  }

  private static MatrixSeries points(StepSeries series, Steps steps, int count) {
    long[] times = new long[count];
    double[] values = new double[count];
    @Nullable Histogram @Nullable [] histograms =
        series.histograms == null ? null : new @Nullable Histogram[count];
    int to = 0;
    for (int i = 0; i < steps.count(); i++) {
      if (series.has(i)) {
        Histogram histogram = series.histogram(i);
        times[to] = steps.time(i);
        values[to] = histogram == null ? series.values[i] : 0;
        if (histograms != null) {
          histograms[to] = histogram;
        }
        to++;
      }
    }
    return new MatrixSeries(series.labels, times, values, histograms);
  }

  private interface Body {
    Value run();
  }

  /**
   * Depth is bounded by the parser, so running out of stack means a caller with very little of it.
   */
  private static Value guarded(Body body) {
    try {
      return body.run();
    } catch (StackOverflowError e) {
      throw new PromqlException(
          Kind.LIMIT, "query is nested too deeply for this thread's stack", e);
    }
  }
}
