package dev.tocsin.storage.read.log;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceReader.AttributeKey;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.AttributeNames;
import dev.tocsin.storage.read.scan.AttributeSample;
import dev.tocsin.storage.read.scan.AttributeValues;
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
      LogCondition condition, TimeRange range, long stepNanos, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget ->
            new LogHistogram(postgres.pool(), queries, budget, condition, range, stepNanos)
                .count());
  }

  @Override
  public Future<List<AttributeKey>> attributeKeys(
      TimeRange range, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> {
          AttributeNames names = new AttributeNames(limit);
          AttributeSample.logs(postgres.pool(), budget, range, names::add);
          return names.keys();
        });
  }

  @Override
  public Future<List<String>> attributeValues(
      AttributeScope scope, String key, TimeRange range, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> {
          AttributeValues values = new AttributeValues(scope, key, limit);
          AttributeSample.logs(postgres.pool(), budget, range, values::add);
          return values.inOrder();
        });
  }

  @Override
  public Tail tail(LogCondition condition, TailListener listener) {
    return tails.follow(condition, listener);
  }
}
