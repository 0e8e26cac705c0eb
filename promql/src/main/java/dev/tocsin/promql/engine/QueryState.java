package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.DurationExpr;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.promql.text.PromqlException.Kind;
import java.util.List;

/** What all parts of one running query share: its options, source, budget and annotations. */
final class QueryState {
  private static final int CHECK_EVERY = 64;

  final EngineOptions options;
  final SeriesSource source;
  final Notes notes = new Notes();
  final long startMs;
  final long endMs;
  final DurationExpr.Scope scope;
  final long stepMs;
  final long lookbackMs;

  private final QueryContext context;
  private final long deadlineNanos;
  private long samples;
  private long samplesRead;
  private int ticks;

  QueryState(
      EngineOptions options,
      SeriesSource source,
      QueryContext context,
      long startMs,
      long endMs,
      long stepMs) {
    this.options = options;
    this.source = source;
    this.context = context;
    this.startMs = startMs;
    this.endMs = endMs;
    this.stepMs = stepMs;
    this.scope = new DurationExpr.Scope(stepMs, endMs - startMs);
    this.lookbackMs = options.lookback().toMillis();
    this.deadlineNanos = System.nanoTime() + options.timeout().toNanos();
  }

  boolean delayedNameRemoval() {
    return options.delayedNameRemoval();
  }

  long samplesRead() {
    return samplesRead;
  }

  /** Ends the query when it was cancelled or ran too long; cheap enough for every series. */
  void check() {
    if (context.cancelled()) {
      throw new PromqlException(Kind.CANCELED, "query was canceled in expression evaluation");
    }
    if (++ticks % CHECK_EVERY != 1) {
      return;
    }
    if (System.nanoTime() - deadlineNanos > 0) {
      throw new PromqlException(Kind.TIMEOUT, "query timed out in expression evaluation");
    }
    if (context.over()) {
      throw new PromqlException(Kind.CANCELED, "query was canceled: its caller's time is over");
    }
  }

  /** As {@link #check()}, and looks at the clock each time. */
  void checkNow() {
    ticks = 0;
    check();
  }

  void countRead(long count) {
    samplesRead += count;
    count(count);
  }

  void count(long count) {
    samples += count;
    if (samples > options.samplesMax()) {
      throw new PromqlException(
          Kind.LIMIT,
          "query processing would load too many samples into memory in query execution");
    }
  }

  void checkSeries(int count) {
    if (count > options.seriesMax()) {
      throw new PromqlException(
          Kind.LIMIT,
          "query selects more than " + options.seriesMax() + " series in query execution");
    }
  }

  void checkSteps(long count) {
    if (count > options.stepsMax()) {
      throw new PromqlException(
          Kind.LIMIT,
          "query has " + count + " steps (expected: at most " + options.stepsMax() + ")");
    }
  }

  /** The labels of a result that lost its metric name: at once, or marked for later. */
  Labels nameless(Labels labels) {
    return delayedNameRemoval() ? labels : labels.withoutName();
  }

  /** Without delayed name removal, two series may not end up with the same labels. */
  List<StepSeries> distinct(List<StepSeries> series) {
    return delayedNameRemoval() ? series : SeriesMerge.merged(series);
  }
}
