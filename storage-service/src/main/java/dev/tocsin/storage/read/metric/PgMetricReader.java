package dev.tocsin.storage.read.metric;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.series.LabelMatcher;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The PromQL engine on the query threads, each query with a source and a budget of its own. */
public final class PgMetricReader implements MetricReader {
  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;
  private final Sources sources;
  private final IdentifyingAttributes identifying;
  private final EngineOptions options;

  /** A query on the engine. */
  private interface Evaluation {
    QueryResult run(PromqlEngine engine, SeriesSource source, QueryContext context);
  }

  /** Something of the catalogue. */
  private interface Lookup<T> {
    Iterable<T> run(SeriesCatalogue catalogue) throws Exception;
  }

  /** Where the series of one query come from. */
  public interface Sources {
    SeriesSource of(Budget budget);
  }

  public PgMetricReader(
      Postgres postgres, QueryPool queries, QueryLimits limits, IdentifyingAttributes identifying) {
    this(
        postgres,
        queries,
        limits,
        identifying,
        budget -> new PgSeriesSource(postgres.pool(), queries, budget, limits));
  }

  /**
   * @param identifying attributes that series are named by
   * @param sources what queries are evaluated over; the catalogue is that of {@code postgres}
   */
  public PgMetricReader(
      Postgres postgres,
      QueryPool queries,
      QueryLimits limits,
      IdentifyingAttributes identifying,
      Sources sources) {
    this.postgres = postgres;
    this.identifying = identifying;
    this.sources = sources;
    this.queries = queries;
    this.limits = limits;
    this.options =
        EngineOptions.defaults()
            .withSamplesMax(limits.samplesMax())
            .withSeriesMax(limits.seriesMax());
  }

  @Override
  public Future<QueryResult> instant(
      String query, long timeMs, Options asked, Cancellation cancellation) {
    return evaluate(
        asked,
        cancellation,
        (engine, source, context) -> engine.instant(source, query, timeMs, context));
  }

  @Override
  public Future<QueryResult> range(
      String query,
      long startMs,
      long endMs,
      long stepMs,
      Options asked,
      Cancellation cancellation) {
    return evaluate(
        asked,
        cancellation,
        (engine, source, context) -> engine.range(source, query, startMs, endMs, stepMs, context));
  }

  private Future<QueryResult> evaluate(
      Options asked, Cancellation cancellation, Evaluation evaluation) {
    Duration timeout = asked.timeout().orElse(limits.timeout());
    QueryContext context = QueryContext.create();
    cancellation.onCancel(context::cancel);
    return queries.run(
        timeout,
        cancellation,
        budget -> {
          EngineOptions engineOptions = options.withTimeout(budget.timeout());
          if (asked.lookback().isPresent()) {
            engineOptions = engineOptions.withLookback(asked.lookback().get());
          }
          return evaluation.run(new PromqlEngine(engineOptions), sources.of(budget), context);
        });
  }

  @Override
  public Future<Found<Labels>> series(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation) {
    return lookUp(limit, cancellation, catalogue -> matching(catalogue, selectors, range));
  }

  private static Set<Labels> matching(
      SeriesCatalogue catalogue, List<List<LabelMatcher>> selectors, TimeRange range)
      throws Exception {
    TreeSet<Labels> found = new TreeSet<>();
    for (List<LabelMatcher> selector : selectors) {
      found.addAll(catalogue.find(selector, startMs(range), endMs(range)).values());
    }
    return found;
  }

  @Override
  public Future<Found<String>> labelNames(
      List<List<LabelMatcher>> selectors, TimeRange range, int limit, Cancellation cancellation) {
    return lookUp(
        limit,
        cancellation,
        catalogue -> {
          if (selectors.isEmpty()) {
            return catalogue.labelNames(startMs(range), endMs(range), limit + 1);
          }
          TreeSet<String> names = new TreeSet<>();
          for (Labels labels : matching(catalogue, selectors, range)) {
            labels.forEach((name, value) -> names.add(name));
          }
          return names;
        });
  }

  @Override
  public Future<Found<String>> labelValues(
      String label,
      List<List<LabelMatcher>> selectors,
      TimeRange range,
      int limit,
      Cancellation cancellation) {
    return lookUp(
        limit,
        cancellation,
        catalogue -> {
          if (selectors.isEmpty()) {
            return catalogue.labelValues(label, startMs(range), endMs(range), limit + 1);
          }
          TreeSet<String> values = new TreeSet<>();
          for (Labels labels : matching(catalogue, selectors, range)) {
            String value = labels.getOrEmpty(label);
            if (!value.isEmpty()) {
              values.add(value);
            }
          }
          return values;
        });
  }

  private <T> Future<Found<T>> lookUp(int limit, Cancellation cancellation, Lookup<T> lookup) {
    return queries.run(
        cancellation,
        budget -> {
          List<T> items = new ArrayList<>();
          for (T item : lookup.run(new SeriesCatalogue(postgres.pool(), budget, limits))) {
            if (items.size() == limit) {
              return new Found<>(items, true);
            }
            items.add(item);
          }
          return new Found<>(items, false);
        });
  }

  private static long startMs(TimeRange range) {
    return range.start().toEpochMilli();
  }

  private static long endMs(TimeRange range) {
    return range.end().toEpochMilli();
  }

  @Override
  public Future<Map<String, List<Metadata>>> metadata(
      Optional<String> metric, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> new SeriesCatalogue(postgres.pool(), budget, limits).metadata(metric, limit));
  }

  @Override
  public Future<List<ExemplarSeries>> exemplars(
      String query, TimeRange range, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget ->
            new ExemplarSearch(
                    postgres.pool(),
                    budget,
                    new SeriesCatalogue(postgres.pool(), budget, limits),
                    identifying,
                    limit)
                .find(query, range));
  }
}
