package dev.tocsin.promql;

import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.engine.EngineOptions;
import dev.tocsin.promql.engine.QueryContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.promql.engine.QueryRunner;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.series.Value;
import dev.tocsin.promql.text.PromqlException;

/**
 * Evaluates queries over a {@link SeriesSource}. Pure: the answer depends on the arguments and the
 * samples only. Thread-safe; a query runs on the thread that asks.
 */
public final class PromqlEngine {
  private final EngineOptions options;

  public PromqlEngine(EngineOptions options) {
    this.options = options;
  }

  public EngineOptions options() {
    return options;
  }

  /**
   * The value of a query at one time.
   *
   * @throws PromqlException when the query cannot be answered
   */
  public QueryResult instant(SeriesSource source, String query, long timeMs, QueryContext context) {
    return instant(source, PromqlParser.parse(query, options.parser()), timeMs, context);
  }

  /**
   * The value of a parsed query at one time.
   *
   * @throws PromqlException when the query cannot be answered
   */
  public QueryResult instant(SeriesSource source, Expr query, long timeMs, QueryContext context) {
    return QueryRunner.instant(options, source, query, timeMs, context);
  }

  /**
   * The values of a query at {@code startMs}, {@code startMs + stepMs} ... up to {@code endMs}:
   * always a {@link Value.Matrix}.
   *
   * @throws PromqlException when the query cannot be answered
   */
  public QueryResult range(
      SeriesSource source,
      String query,
      long startMs,
      long endMs,
      long stepMs,
      QueryContext context) {
    return range(
        source, PromqlParser.parse(query, options.parser()), startMs, endMs, stepMs, context);
  }

  /**
   * As {@link #range(SeriesSource, String, long, long, long, QueryContext)}, for a parsed query.
   *
   * @throws PromqlException when the query cannot be answered
   */
  public QueryResult range(
      SeriesSource source,
      Expr query,
      long startMs,
      long endMs,
      long stepMs,
      QueryContext context) {
    return QueryRunner.range(options, source, query, startMs, endMs, stepMs, context);
  }
}
