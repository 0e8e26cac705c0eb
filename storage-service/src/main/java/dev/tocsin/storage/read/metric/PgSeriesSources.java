package dev.tocsin.storage.read.metric;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.promql.series.SelectRequest;
import dev.tocsin.promql.series.SeriesSet;
import dev.tocsin.promql.series.SeriesSource;
import dev.tocsin.promql.text.PromqlException;
import dev.tocsin.storage.fanout.MergedSeriesSet;
import dev.tocsin.storage.ports.DatabaseException;
import dev.tocsin.storage.query.QueryPool;
import java.util.List;

/**
 * Series of several databases as of one, for one query. All are asked, side by side where helper
 * threads are free; when one cannot answer, there is no answer.
 */
public final class PgSeriesSources implements SeriesSource {
  private final QueryPool queries;
  private final List<Named> sources;

  /**
   * @param database as errors name it
   */
  public record Named(String database, SeriesSource source) {}

  public PgSeriesSources(QueryPool queries, List<Named> sources) {
    this.queries = queries;
    this.sources = List.copyOf(sources);
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    try {
      return MergedSeriesSet.of(queries.forEach(sources, source -> select(source, request)));
    } catch (PromqlException | DatabaseException e) {
      throw e;
    } catch (Exception e) {
      throw new PromqlException(
          PromqlException.Kind.EXECUTION, "stored series cannot be read: " + e.getMessage(), e);
    }
  }

  private static SeriesSet select(Named named, SelectRequest request) {
    try {
      return named.source().select(request);
    } catch (PromqlException e) {
      Throwable cause = e.getCause();
      if (cause != null && Postgres.isAway(cause)) {
        throw new DatabaseException(named.database(), cause);
      }
      throw new PromqlException(e.kind(), named.database() + ": " + e.getMessage(), e);
    }
  }
}
