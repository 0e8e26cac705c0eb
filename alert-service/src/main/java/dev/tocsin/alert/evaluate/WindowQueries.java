package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.evaluate.group.GroupRun;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.alert.window.LiveWindow;
import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.rules.Rule;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Rules read from the live window and write to it. All queries of a group together are given a time
 * after which the rest of them fail, so that a group of many slow rules ends as well.
 */
final class WindowQueries implements GroupRun.Queries {
  private final PromqlEngine engine;
  private final LiveWindow window;
  private final EvaluateMetrics metrics;
  private final Activity activity;
  private String group = "";
  private long allowedMs;
  private long untilMs;

  WindowQueries(
      PromqlEngine engine, LiveWindow window, EvaluateMetrics metrics, Activity activity) {
    this.engine = engine;
    this.window = window;
    this.metrics = metrics;
    this.activity = activity;
  }

  /** A group is about to be evaluated. */
  void begin(String key, long maxMs) {
    group = key;
    allowedMs = maxMs;
    untilMs = activity.millis() + maxMs;
  }

  @Override
  public void evaluating(Rule rule) {
    activity.doing("evaluating rule " + rule.id() + " of " + group);
  }

  @Override
  public long nanoTime() {
    return activity.nanos();
  }

  @Override
  public void unexpanded(int annotations) {
    metrics.annotationsUnexpanded(group, annotations);
  }

  @Override
  public List<Value.Sample> instant(Expr expr, Instant at) {
    return instant(expr, at, () -> false);
  }

  @Override
  public List<Value.Sample> instant(Expr expr, Instant at, BooleanSupplier over) {
    if (isOver()) {
      throw PromqlException.execution(
          "not evaluated: the rules of its group have taken more than " + allowedMs + " ms");
    }
    long atMs = at.toEpochMilli();
    QueryContext context = QueryContext.endingWhen(() -> isOver() || over.getAsBoolean());
    QueryResult result = window.reading(() -> engine.instant(window, expr, atMs, context));
    if (result.value() instanceof Value.InstantVector vector) {
      return vector.samples();
    }
    if (result.value() instanceof Value.Scalar scalar) {
      return List.of(new Value.Sample(Labels.empty(), atMs, scalar.value(), null));
    }
    throw PromqlException.execution("rule result is not a vector or scalar");
  }

  private boolean isOver() {
    return activity.millis() > untilMs;
  }

  @Override
  public void made(List<GaugeSample> samples) {
    window.writing(
        () -> {
          for (GaugeSample s : samples) {
            String metric = s.labels().metricName();
            if (window.mayWant(metric)) {
              window.derives(metric);
              window.append(s.labels(), Kind.GAUGE, s.timeMs(), 0, s.value(), s.timeMs());
            }
          }
        });
  }

  @Override
  public void leftOut(int series) {
    if (series > 0) {
      metrics.samplesLeftOut(series);
    }
  }
}
