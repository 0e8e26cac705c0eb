package dev.tocsin.storage.read.log;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.QueryPool;
import io.vertx.core.Future;
import java.util.List;

/** Log records from log segments: index and bloom find segments, decoding finds records. */
public final class PgLogReader implements LogReader {
  private final Postgres postgres;
  private final QueryPool queries;
  private final LogTails tails;

  public PgLogReader(Postgres postgres, QueryPool queries, LogTails tails) {
    this.postgres = postgres;
    this.queries = queries;
    this.tails = tails;
  }

  @Override
  public Future<LogPage> search(LogQuery query, Cancellation cancellation) {
    return queries.run(
        cancellation, budget -> new LogSearch(postgres.pool(), queries, budget, query).page());
  }

  @Override
  public Future<List<Bucket>> histogram(
      Condition<LogCondition> condition,
      TimeRange range,
      long stepNanos,
      Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget ->
            new LogHistogram(postgres.pool(), queries, budget, condition, range, stepNanos)
                .count());
  }

  @Override
  public Tail tail(Condition<LogCondition> condition, TailListener listener) {
    return tails.follow(condition, listener);
  }
}
