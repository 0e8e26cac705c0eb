package dev.tocsin.storage.ports;

import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stored series: PromQL and the catalogue. Thread-safe; nothing blocks the caller. Futures fail
 * with {@link dev.tocsin.promql.text.PromqlException} or {@link QueryLimitException}.
 */
public interface MetricReader {

  /** The value of a query at one time. */
  Future<QueryResult> instant(
      String query, long timeMs, Options options, Cancellation cancellation);

  /** The values of a query from start to end. */
  Future<QueryResult> range(
      String query,
      long startMs,
      long endMs,
      long stepMs,
      Options options,
      Cancellation cancellation);

  /**
   * Label sets of the series that some selector matches, ascending. Times are right within two
   * hours: the catalogue knows no better.
   *
   * @param selectors at least one
   */
  Future<Found<Labels>> series(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation);

  /**
   * Names of labels, ascending.
   *
   * @param selectors none for all series
   */
  Future<Found<String>> labelNames(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation);

  /** Values of a label, ascending. */
  Future<Found<String>> labelValues(
      String label,
      List<List<LabelMatcher>> selectors,
      TimeRange range,
      int limit,
      Cancellation cancellation);

  /**
   * What is known of metrics by name, ascending.
   *
   * @param metric only that one
   * @param limit most metrics
   */
  Future<Map<String, List<Metadata>>> metadata(
      Optional<String> metric, int limit, Cancellation cancellation);

  /** Exemplars of the series that the selectors of a query match, by series. */
  Future<List<ExemplarSeries>> exemplars(
      String query, TimeRange range, int limit, Cancellation cancellation);

  /**
   * @param timeout at most the configured one
   * @param lookback how long a sample stands for its series; empty for the usual
   */
  record Options(Optional<Duration> timeout, Optional<Duration> lookback) {
    public static final Options NONE = new Options(Optional.empty(), Optional.empty());
  }

  /**
   * @param truncated whether the limit kept some back
   */
  record Found<T>(List<T> items, boolean truncated) {}

  /**
   * @param type as Prometheus names it: counter, gauge, histogram, summary, unknown
   */
  record Metadata(String type, String help, String unit) {}

  /** A series and its exemplars by ascending time. */
  record ExemplarSeries(Labels series, List<Exemplar> exemplars) {}

  /**
   * @param labels such as trace_id
   */
  record Exemplar(Labels labels, double value, long timestampMs) {}
}
