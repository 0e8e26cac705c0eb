package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.TimeRange;
import dev.tocsin.storage.segment.Hashes;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one trace, some segments and some spans at a time. Used by one thread. */
final class TraceById {
  private static final int PAGE = 8;
  private static final int SPANS_PER_SLICE = 500;

  // By itself, as the planner would rather compare the arrays of all rows of the time.
  private static final String SEGMENTS =
      """
      with candidate as materialized (
        select min_ts, part, id, fmt, core, ids, attrs, events, attr_bloom from span_seg
        where trace_hash && $6::int[])
      select min_ts, part, id, %s from candidate
      where min_ts >= $1 and min_ts <= $2 and (min_ts, part, id) > ($3, $4, $5)
        %s
      order by min_ts, part, id limit %d
      """;
  private static final int FIRST_COLUMN = 3;

  /** Takes a chunk; may block until it is taken away. */
  interface Sink {
    void accept(TracesData chunk) throws Exception;
  }

  /** What tells a span from all others but its copies. */
  private record Seen(ByteString spanId, int hash) {}

  private record Found(SpanRows rows, List<Integer> matching) {}

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final ByteString traceId;
  private final Optional<TimeRange> around;
  private final SegmentFilter filter = SegmentFilter.spans(7);
  private final String sql;
  private final Set<Seen> seen = new HashSet<>();
  private TracesData.Builder chunk = TracesData.newBuilder();
  private long chunkSize;
  private long spans;

  TraceById(
      Pool pool, QueryPool queries, Budget budget, ByteString traceId, Optional<TimeRange> around) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.traceId = traceId;
    this.around = around;
    filter.traceMark(traceId);
    this.sql = SEGMENTS.formatted(SpanRows.Need.ALL.columns(), filter.where(), PAGE);
  }

  /** Returns the number of spans. */
  long read(int chunkBytes, Sink sink) throws Exception {
    budget.byIndex();
    Tuple position = Tuple.of(PgValues.instant(Instant.EPOCH), -1, -1L);
    int size = PAGE;
    while (size == PAGE) {
      List<Row> page = new ArrayList<>();
      budget.select(pool, sql, parameters(position)).forEach(page::add);
      size = page.size();
      for (Found found : queries.forEach(page, this::open)) {
        pass(found, chunkBytes, sink);
      }
      if (size == PAGE) {
        Row last = page.get(size - 1);
        position = Tuple.of(last.getOffsetDateTime(0), last.getInteger(1), last.getLong(2));
      }
    }
    if (chunkSize > 0) {
      sink.accept(chunk.build());
    }
    return spans;
  }

  private Tuple parameters(Tuple position) {
    Tuple parameters = Tuple.tuple();
    Instant from =
        around.map(range -> range.start().minus(SegmentScan.SPAN_MAX)).orElse(Instant.EPOCH);
    // Far enough, and a time that the database can hold.
    Instant to = around.map(TimeRange::end).orElse(Instant.parse("2290-01-01T00:00:00Z"));
    parameters.addValue(PgValues.instant(from)).addValue(PgValues.instant(to));
    for (int i = 0; i < position.size(); i++) {
      parameters.addValue(position.getValue(i));
    }
    parameters.addValue(Hashes.traceKeys(traceId));
    for (int i = 0; i < filter.parameters().size(); i++) {
      parameters.addValue(filter.parameters().getValue(i));
    }
    return parameters;
  }

  private Found open(Row row) {
    SpanRows rows = SpanRows.open(row, FIRST_COLUMN, budget);
    return new Found(rows, rows.rowsOfTrace(traceId));
  }

  private void pass(Found found, int chunkBytes, Sink sink) throws Exception {
    List<Integer> rows = found.matching();
    for (int from = 0; from < rows.size(); from += SPANS_PER_SLICE) {
      budget.check();
      List<Integer> slice = rows.subList(from, Math.min(rows.size(), from + SPANS_PER_SLICE));
      for (ResourceSpans resource : found.rows().resourceSpans(slice)) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          pass(resource, scope, chunkBytes, sink);
        }
      }
    }
  }

  /** A client that missed an answer sends again what was already stored: such copies go once. */
  private void pass(ResourceSpans resource, ScopeSpans scope, int chunkBytes, Sink sink)
      throws Exception {
    ScopeSpans.Builder fresh = scope.toBuilder().clearSpans();
    long size = resource.getResource().getSerializedSize();
    for (Span span : scope.getSpansList()) {
      if (!seen.add(new Seen(span.getSpanId(), span.hashCode()))) {
        continue;
      }
      if (fresh.getSpansCount() > 0 && chunkSize + size + span.getSerializedSize() > chunkBytes) {
        add(resource, fresh, size);
        flush(sink);
        fresh = scope.toBuilder().clearSpans();
        size = resource.getResource().getSerializedSize();
      }
      fresh.addSpans(span);
      size += span.getSerializedSize();
      spans++;
    }
    if (fresh.getSpansCount() > 0) {
      add(resource, fresh, size);
      if (chunkSize >= chunkBytes) {
        flush(sink);
      }
    }
  }

  private void add(ResourceSpans resource, ScopeSpans.Builder scope, long size) {
    chunk.addResourceSpans(resource.toBuilder().clearScopeSpans().addScopeSpans(scope));
    chunkSize += size;
  }

  private void flush(Sink sink) throws Exception {
    sink.accept(chunk.build());
    chunk = TracesData.newBuilder();
    chunkSize = 0;
  }
}
