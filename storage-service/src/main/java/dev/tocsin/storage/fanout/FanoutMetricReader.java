package dev.tocsin.storage.fanout;

import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Series of several databases. Queries are evaluated once, over the series of all of them; only the
 * catalogues are put together here.
 */
final class FanoutMetricReader implements MetricReader {
  private final MetricReader evaluating;
  private final Members<MetricReader> members;

  /**
   * @param evaluating evaluates queries over the series of all databases
   */
  FanoutMetricReader(MetricReader evaluating, Map<String, MetricReader> readers) {
    this.evaluating = evaluating;
    this.members = new Members<>(readers);
  }

  @Override
  public Future<QueryResult> instant(
      String query, long timeMs, Options options, Cancellation cancellation) {
    return evaluating.instant(query, timeMs, options, cancellation);
  }

  @Override
  public Future<QueryResult> range(
      String query,
      long startMs,
      long endMs,
      long stepMs,
      Options options,
      Cancellation cancellation) {
    return evaluating.range(query, startMs, endMs, stepMs, options, cancellation);
  }

  @Override
  public Future<Found<Labels>> series(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.series(selectors, range, limit, part))
        .map(all -> union(all, limit));
  }

  @Override
  public Future<Found<String>> labelNames(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.labelNames(selectors, range, limit, part))
        .map(all -> union(all, limit));
  }

  @Override
  public Future<Found<String>> labelValues(
      String label,
      List<List<LabelMatcher>> selectors,
      TimeRange range,
      int limit,
      Cancellation cancellation) {
    return members
        .all(
            cancellation,
            (reader, part) -> reader.labelValues(label, selectors, range, limit, part))
        .map(all -> union(all, limit));
  }

  private static <T extends Comparable<T>> Found<T> union(List<Found<T>> all, int limit) {
    TreeSet<T> items = new TreeSet<>();
    all.forEach(found -> items.addAll(found.items()));
    boolean truncated = items.size() > limit || all.stream().anyMatch(Found::truncated);
    return new Found<>(items.stream().limit(limit).toList(), truncated);
  }

  @Override
  public Future<Map<String, List<Metadata>>> metadata(
      Optional<String> metric, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.metadata(metric, limit, part))
        .map(
            all -> {
              TreeMap<String, List<Metadata>> merged = new TreeMap<>();
              all.forEach(
                  found ->
                      found.forEach(
                          (name, known) ->
                              merged.merge(name, known, FanoutMetricReader::distinct)));
              while (merged.size() > limit) {
                merged.pollLastEntry();
              }
              return merged;
            });
  }

  /** The same exemplar is stored once; a series may have others in several databases. */
  @Override
  public Future<List<ExemplarSeries>> exemplars(
      String query, TimeRange range, int limit, Cancellation cancellation) {
    return members
        .all(cancellation, (reader, part) -> reader.exemplars(query, range, limit, part))
        .map(
            all ->
                SortedLists.sums(
                    all,
                    ExemplarSeries::series,
                    Comparator.<Labels>naturalOrder(),
                    FanoutMetricReader::both))
        .map(series -> first(series, limit));
  }

  private static ExemplarSeries both(ExemplarSeries one, ExemplarSeries other) {
    List<Exemplar> exemplars = new ArrayList<>(distinct(one.exemplars(), other.exemplars()));
    exemplars.sort(Comparator.comparingLong(Exemplar::timestampMs));
    return new ExemplarSeries(one.series(), exemplars);
  }

  /** At most so many exemplars. */
  private static List<ExemplarSeries> first(List<ExemplarSeries> all, int limit) {
    List<ExemplarSeries> kept = new ArrayList<>();
    int left = limit;
    for (ExemplarSeries series : all) {
      List<Exemplar> some = series.exemplars();
      if (left > 0) {
        kept.add(new ExemplarSeries(series.series(), some.subList(0, Math.min(left, some.size()))));
        left -= some.size();
      }
    }
    return kept;
  }

  private static <T> List<T> distinct(List<T> one, List<T> other) {
    List<T> both = new ArrayList<>(one);
    other.stream().filter(item -> !one.contains(item)).forEach(both::add);
    return both;
  }
}
