package dev.tocsin.promql.engine;

import dev.tocsin.promql.parse.ParserOptions;
import java.time.Duration;

/**
 * What queries may do. {@link #defaults()} are Prometheus's own.
 *
 * @param lookback how long a sample stands for its series in an instant selector
 * @param defaultSubqueryStep resolution of a subquery that gives none
 * @param samplesMax most samples read from the source and computed in between, in one query
 * @param seriesMax most series of one selector
 * @param stepsMax most steps of a range query or subquery
 * @param timeout longest run of a query
 * @param delayedNameRemoval whether functions keep the metric name until the end, so that
 *     label_replace and the like still see it (Prometheus: promql-delayed-name-removal)
 * @param parser what queries given as text may contain
 */
public record EngineOptions(
    Duration lookback,
    Duration defaultSubqueryStep,
    long samplesMax,
    int seriesMax,
    int stepsMax,
    Duration timeout,
    boolean delayedNameRemoval,
    ParserOptions parser) {

  public static EngineOptions defaults() {
    return new EngineOptions(
        Duration.ofMinutes(5),
        Duration.ofMinutes(1),
        50_000_000,
        1_000_000,
        1_000_000,
        Duration.ofMinutes(2),
        false,
        ParserOptions.STANDARD);
  }

  public EngineOptions withLookback(Duration value) {
    return new EngineOptions(
        value,
        defaultSubqueryStep,
        samplesMax,
        seriesMax,
        stepsMax,
        timeout,
        delayedNameRemoval,
        parser);
  }

  public EngineOptions withSamplesMax(long value) {
    return new EngineOptions(
        lookback,
        defaultSubqueryStep,
        value,
        seriesMax,
        stepsMax,
        timeout,
        delayedNameRemoval,
        parser);
  }

  public EngineOptions withSeriesMax(int value) {
    return new EngineOptions(
        lookback,
        defaultSubqueryStep,
        samplesMax,
        value,
        stepsMax,
        timeout,
        delayedNameRemoval,
        parser);
  }

  public EngineOptions withStepsMax(int value) {
    return new EngineOptions(
        lookback,
        defaultSubqueryStep,
        samplesMax,
        seriesMax,
        value,
        timeout,
        delayedNameRemoval,
        parser);
  }

  public EngineOptions withTimeout(Duration value) {
    return new EngineOptions(
        lookback,
        defaultSubqueryStep,
        samplesMax,
        seriesMax,
        stepsMax,
        value,
        delayedNameRemoval,
        parser);
  }

  public EngineOptions withDelayedNameRemoval(boolean value) {
    return new EngineOptions(
        lookback, defaultSubqueryStep, samplesMax, seriesMax, stepsMax, timeout, value, parser);
  }

  public EngineOptions withParser(ParserOptions value) {
    return new EngineOptions(
        lookback,
        defaultSubqueryStep,
        samplesMax,
        seriesMax,
        stepsMax,
        timeout,
        delayedNameRemoval,
        value);
  }
}
