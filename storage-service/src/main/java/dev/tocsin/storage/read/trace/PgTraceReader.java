package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.FoundTraces;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.schema.PgValues;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Traces from span segments: the index finds segments, decoding finds spans. */
public final class PgTraceReader implements TraceReader {
  private static final String SERVICES =
      "select distinct service from operation order by service limit 10000";
  private static final String OPERATIONS =
      """
      select distinct name, kind from operation
      where service = $1 and ($2::int is null or kind = $2)
      order by name, kind limit 1000\
      """;

  private final Postgres postgres;
  private final QueryPool queries;

  public PgTraceReader(Postgres postgres, QueryPool queries) {
    this.postgres = postgres;
    this.queries = queries;
  }

  @Override
  public Future<Long> stream(
      ByteString traceId,
      Optional<TimeRange> around,
      int chunkBytes,
      Function<TracesData, Future<Void>> sink,
      Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget ->
            new TraceById(postgres.pool(), queries, budget, traceId, around)
                .read(chunkBytes, chunk -> budget.await(sink.apply(chunk))));
  }

  @Override
  public Future<TracesData> trace(
      ByteString traceId, Optional<TimeRange> around, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> {
          TracesData.Builder whole = TracesData.newBuilder();
          new TraceById(postgres.pool(), queries, budget, traceId, around)
              .read(
                  Integer.MAX_VALUE,
                  chunk -> {
                    budget.hold(chunk.getSerializedSize());
                    whole.addAllResourceSpans(chunk.getResourceSpansList());
                  });
          return whole.build();
        });
  }

  @Override
  public Future<TracePage> search(TraceQuery query, Cancellation cancellation) {
    return queries.run(
        cancellation, budget -> new TraceSearch(postgres.pool(), queries, budget, query).page());
  }

  @Override
  public Future<FoundTraces> find(TraceQuery query, Cancellation cancellation) {
    return queries.run(
        cancellation, budget -> new TraceSearch(postgres.pool(), queries, budget, query).find());
  }

  @Override
  public Future<List<TracePiece>> pieces(
      TraceQuery query, List<TraceCursor> found, Cancellation cancellation) {
    return queries.run(
        cancellation,
        budget -> new TraceSearch(postgres.pool(), queries, budget, query).pieces(found));
  }

  @Override
  public Future<List<String>> services() {
    return postgres
        .pool()
        .query(SERVICES)
        .execute()
        .map(
            rows -> {
              List<String> names = new ArrayList<>();
              rows.forEach(row -> names.add(row.getString(0)));
              return names;
            });
  }

  @Override
  public Future<List<Operation>> operations(String service, Optional<Integer> kind) {
    Tuple parameters = Tuple.of(PgValues.text(service)).addInteger(kind.orElse(null));
    return postgres
        .pool()
        .preparedQuery(OPERATIONS)
        .execute(parameters)
        .map(
            rows -> {
              List<Operation> operations = new ArrayList<>();
              rows.forEach(
                  row -> operations.add(new Operation(row.getString(0), row.getInteger(1))));
              return operations;
            });
  }
}
