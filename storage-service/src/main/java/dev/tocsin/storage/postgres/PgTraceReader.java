package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.TraceQuery;
import dev.tocsin.storage.TraceReader;
import dev.tocsin.storage.TraceSummary;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.SpanSegment;
import dev.tocsin.storage.segment.TokenBloom;
import dev.tocsin.storage.segment.Tokens;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Traces from span segments: the index finds segments, decoding finds spans. */
final class PgTraceReader implements TraceReader {
  private static final String COLUMNS = "fmt, core, ids, attrs, ''::bytea";
  private static final String CORE_COLUMNS = "fmt, core, ids, ''::bytea, ''::bytea";
  private static final String TRACE =
      "select max_ts, part, id, fmt, core, ids, attrs, events from span_seg"
          + " where trace_hash && $1::int[]";
  private static final String TRACES =
      "select part, min_ts, id, attr_bloom from span_seg"
          + " where trace_hash && $1::int[] and min_ts >= $2 and min_ts <= $3";

  /** Summaries need neither attributes nor events. */
  private static final String SEGMENTS =
      "select max_ts, part, id, fmt, core, ids, ''::bytea, ''::bytea from span_seg"
          + " join unnest($1::int[], $2::timestamptz[], $3::bigint[]) as wanted (part, min_ts, id)"
          + " using (part, min_ts, id)";

  private static final String BLOOM = "attr_bloom";
  private static final String BLOOM_BLOCKS =
      "(octet_length(attr_bloom) / " + TokenBloom.BLOCK_BYTES + ")";
  private static final String SERVICES =
      "select distinct service from operation order by service limit 10000";
  private static final String OPERATIONS =
      "select distinct name, kind from operation where service = $1 order by name, kind limit 1000";

  /** How far a trace's other spans may lie from the one that was found. */
  private static final Duration TRACE_SPAN_MAX = Duration.ofHours(1);

  private final Postgres postgres;
  private final QueryPool queries;
  private final QueryLimits limits;

  PgTraceReader(Postgres postgres, QueryPool queries, QueryLimits limits) {
    this.postgres = postgres;
    this.queries = queries;
    this.limits = limits;
  }

  @Override
  public Future<TracesData> trace(ByteString traceId) {
    return queries.run(() -> readTrace(traceId));
  }

  private TracesData readTrace(ByteString traceId) throws Exception {
    Budget budget = new Budget(limits);
    TracesData.Builder trace = TracesData.newBuilder();
    Set<Span> seen = new HashSet<>();
    TokenFilter filter = new TokenFilter(2);
    filter.and(filter.probe(Hashes.traceMark(traceId), BLOOM, BLOOM_BLOCKS));
    Tuple parameters = Tuple.tuple();
    parameters.addValue(Hashes.traceKeys(traceId));
    for (int i = 0; i < filter.parameters().size(); i++) {
      parameters.addValue(filter.parameters().getValue(i));
    }
    for (Row row : budget.select(postgres.pool(), TRACE + filter.where(), parameters)) {
      SpanSegment segment = open(row, budget);
      List<Integer> rows = Arrays.stream(segment.rowsOfTrace(traceId)).boxed().toList();
      segment.resourceSpans(rows).forEach(spans -> addNew(trace, spans, seen));
    }
    return trace.build();
  }

  /** A client that missed an answer sends again what was already stored. */
  private static void addNew(TracesData.Builder trace, ResourceSpans spans, Set<Span> seen) {
    ResourceSpans.Builder fresh = spans.toBuilder().clearScopeSpans();
    for (ScopeSpans scope : spans.getScopeSpansList()) {
      List<Span> kept = scope.getSpansList().stream().filter(seen::add).toList();
      if (!kept.isEmpty()) {
        fresh.addScopeSpans(scope.toBuilder().clearSpans().addAllSpans(kept));
      }
    }
    if (fresh.getScopeSpansCount() > 0) {
      trace.addResourceSpans(fresh);
    }
  }

  private static SpanSegment open(Row row, Budget budget) {
    Buffer core = row.getBuffer(4);
    Buffer ids = row.getBuffer(5);
    Buffer attrs = row.getBuffer(6);
    Buffer events = row.getBuffer(7);
    budget.read((long) core.length() + ids.length() + attrs.length() + events.length());
    return new SpanSegment(
        row.getShort(3), core.getBytes(), ids.getBytes(), attrs.getBytes(), events.getBytes());
  }

  @Override
  public Future<List<TraceSummary>> search(TraceQuery query) {
    return queries.run(() -> readSearch(query));
  }

  private List<TraceSummary> readSearch(TraceQuery query) throws Exception {
    Budget budget = new Budget(limits);
    TokenFilter filter = filter(query);
    NewestFirst segments =
        new NewestFirst(
            postgres.pool(),
            budget,
            Partitions.SPANS,
            query.attributes().isEmpty() ? CORE_COLUMNS : COLUMNS,
            filter.where(),
            filter.parameters(),
            query.range());
    NewestTraces found = new NewestTraces(query.limit());
    for (Row row = segments.next(); row != null; row = segments.next()) {
      if (found.isSettledBefore(NewestFirst.endNanos(row))) {
        break;
      }
      collect(open(row, budget), query, found);
    }
    return summaries(found, query, budget);
  }

  private static TokenFilter filter(TraceQuery query) {
    TokenFilter filter = new TokenFilter();
    if (!query.service().isEmpty()) {
      filter.equal(Tokens.SERVICE, query.service(), BLOOM, BLOOM_BLOCKS);
    }
    if (!query.operation().isEmpty()) {
      filter.equal(Tokens.NAME, query.operation(), BLOOM, BLOOM_BLOCKS);
    }
    query
        .kind()
        .ifPresent(kind -> filter.equal(Tokens.KIND, Integer.toString(kind), BLOOM, BLOOM_BLOCKS));
    query
        .status()
        .ifPresent(
            status -> filter.equal(Tokens.STATUS, Integer.toString(status), BLOOM, BLOOM_BLOCKS));
    query.attributes().forEach((key, value) -> filter.equal(key, value, BLOOM, BLOOM_BLOCKS));
    return filter;
  }

  private static void collect(SpanSegment segment, TraceQuery query, NewestTraces found) {
    boolean all = query.service().isEmpty();
    int end = all ? segment.count() : segment.endRow(query.service());
    @Nullable BitSet wanted = null;
    for (Map.Entry<String, String> attribute : query.attributes().entrySet()) {
      BitSet rows = segment.rowsWith(attribute.getKey(), attribute.getValue());
      if (wanted == null) {
        wanted = rows;
      } else {
        wanted.and(rows);
      }
    }
    for (int row = all ? 0 : segment.firstRow(query.service()); row < end; row++) {
      if ((wanted == null || wanted.get(row)) && matches(segment, row, query)) {
        found.add(segment.traceId(row), segment.startNanos(row));
      }
    }
  }

  private static boolean matches(SpanSegment segment, int row, TraceQuery query) {
    long start = segment.startNanos(row);
    long duration = segment.durationNanos(row);
    if (start < query.range().startNanos() || start > query.range().endNanos()) {
      return false;
    }
    return (query.operation().isEmpty() || segment.name(row).equals(query.operation()))
        && query.kind().map(kind -> kind == segment.kind(row)).orElse(true)
        && query.status().map(status -> status == segment.status(row)).orElse(true)
        && query.durationMin().map(min -> duration >= min.toNanos()).orElse(true)
        && query.durationMax().map(max -> duration <= max.toNanos()).orElse(true);
  }

  private List<TraceSummary> summaries(NewestTraces found, TraceQuery query, Budget budget)
      throws Exception {
    List<ByteString> ids = found.newestFirst();
    if (ids.isEmpty()) {
      return List.of();
    }
    Integer[] hashes =
        ids.stream().flatMap(id -> Arrays.stream(Hashes.traceKeys(id))).toArray(Integer[]::new);
    Tuple parameters = Tuple.tuple();
    parameters.addValue(hashes);
    Duration around = TRACE_SPAN_MAX.plus(NewestFirst.SPAN_MAX);
    parameters.addValue(PgValues.instant(query.range().start().minus(around)));
    parameters.addValue(PgValues.instant(query.range().end().plus(TRACE_SPAN_MAX)));
    Summaries summaries = new Summaries(ids);
    List<Integer> parts = new ArrayList<>();
    List<OffsetDateTime> starts = new ArrayList<>();
    List<Long> segments = new ArrayList<>();
    for (Row row : budget.select(postgres.pool(), TRACES, parameters)) {
      byte[] bloom = row.getBuffer(3).getBytes();
      budget.read(bloom.length);
      if (ids.stream().anyMatch(id -> TokenBloom.mayContain(bloom, Hashes.traceMark(id)))) {
        parts.add(row.getInteger(0));
        starts.add(row.getOffsetDateTime(1));
        segments.add(row.getLong(2));
      }
    }
    Tuple keys = Tuple.tuple();
    keys.addValue(parts.toArray(new Integer[0]));
    keys.addValue(starts.toArray(new OffsetDateTime[0]));
    keys.addValue(segments.toArray(new Long[0]));
    for (Row row : budget.select(postgres.pool(), SEGMENTS, keys)) {
      summaries.add(open(row, budget));
    }
    return summaries.inOrder();
  }

  @Override
  public Future<List<String>> services() {
    return postgres
        .pool()
        .query(SERVICES)
        .execute()
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getString(0))
                    .toList());
  }

  @Override
  public Future<List<Operation>> operations(String service) {
    return postgres
        .pool()
        .preparedQuery(OPERATIONS)
        .execute(Tuple.of(service))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> new Operation(row.getString(0), row.getInteger(1)))
                    .toList());
  }
}
