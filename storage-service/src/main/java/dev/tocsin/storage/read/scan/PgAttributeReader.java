package dev.tocsin.storage.read.scan;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.QueryPool;
import io.vertx.core.Future;
import java.util.List;

/** Attributes from a sample of segments. */
public final class PgAttributeReader implements AttributeReader {
  private final Postgres postgres;
  private final QueryPool queries;
  private final AttributeSample sample;

  private PgAttributeReader(Postgres postgres, QueryPool queries, AttributeSample sample) {
    this.postgres = postgres;
    this.queries = queries;
    this.sample = sample;
  }

  public static AttributeReader ofSpans(Postgres postgres, QueryPool queries) {
    return new PgAttributeReader(postgres, queries, AttributeSample::spans);
  }

  public static AttributeReader ofLogs(Postgres postgres, QueryPool queries) {
    return new PgAttributeReader(postgres, queries, AttributeSample::logs);
  }

  @Override
  public Future<List<AttributeKey>> keys(TimeRange range, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> {
          AttributeNames names = new AttributeNames(limit);
          sample.each(postgres.pool(), budget, range, names::add);
          return names.keys();
        });
  }

  @Override
  public Future<List<String>> values(
      AttributeScope scope, String key, TimeRange range, int limit, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> {
          AttributeValues values = new AttributeValues(scope, key, limit);
          sample.each(postgres.pool(), budget, range, values::add);
          return values.inOrder();
        });
  }
}
