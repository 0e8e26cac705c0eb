package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.promql.EngineOptions;
import dev.tocsin.promql.PromqlEngine;
import dev.tocsin.promql.QueryContext;
import dev.tocsin.promql.QueryResult;
import dev.tocsin.storage.PromQueries;
import dev.tocsin.storage.QueryLimits;
import io.vertx.core.Future;

/** The PromQL engine on the query threads, each query with a source and a budget of its own. */
final class PgPromQueries implements PromQueries {
  private static final int STEPS_MAX = 11_000;

  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;
  private final PromqlEngine engine;

  PgPromQueries(Postgres postgres, QueryPool queries, QueryLimits limits) {
    this.postgres = postgres;
    this.queries = queries;
    this.limits = limits;
    this.engine =
        new PromqlEngine(
            EngineOptions.defaults()
                .withSamplesMax(limits.samplesMax())
                .withSeriesMax(limits.seriesMax())
                .withStepsMax(STEPS_MAX)
                .withTimeout(limits.timeout()));
  }

  @Override
  public Future<QueryResult> instant(String query, long timeMs) {
    return queries.run(() -> engine.instant(source(), query, timeMs, QueryContext.create()));
  }

  @Override
  public Future<QueryResult> range(String query, long startMs, long endMs, long stepMs) {
    return queries.run(
        () -> engine.range(source(), query, startMs, endMs, stepMs, QueryContext.create()));
  }

  private PgSeriesSource source() {
    return new PgSeriesSource(postgres.pool(), new Budget(limits), limits);
  }
}
