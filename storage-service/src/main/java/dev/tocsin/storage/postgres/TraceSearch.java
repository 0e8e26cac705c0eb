package dev.tocsin.storage.postgres;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.LogQuery.Direction;
import dev.tocsin.storage.SpanCondition;
import dev.tocsin.storage.TimeRange;
import dev.tocsin.storage.TraceCursor;
import dev.tocsin.storage.TracePage;
import dev.tocsin.storage.TracePiece;
import dev.tocsin.storage.TraceQuery;
import dev.tocsin.storage.TraceSummary;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.TokenBloom;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One search for traces: scans segments newest first for spans that match, then reads the traces
 * found. A trace's place in the order is its newest span that matches, so pages do not overlap: one
 * whose newest match came before the cursor was on an earlier page. Used by one thread.
 */
final class TraceSearch {
  // By itself, as the planner would rather compare the arrays of all rows of the time.
  private static final String CANDIDATES =
      """
      with candidate as materialized (
        select part, min_ts, id, trace_hash, attr_bloom from span_seg
        where trace_hash && $1::int[])
      select * from candidate where min_ts >= $2 and min_ts <= $3\
      """;
  private static final String SEGMENTS =
      """
      select %s from span_seg
      join unnest($1::int[], $2::timestamptz[], $3::bigint[]) as wanted (part, min_ts, id)
        using (part, min_ts, id)
      where min_ts >= $4 and min_ts <= $5\
      """;

  /** How far a trace's other spans may lie from the one that was found. */
  private static final Duration TRACE_SPAN_MAX = Duration.ofHours(1);

  private static final SpanMatcher NOTHING = new SpanMatcher(new SpanCondition.Any(List.of()));
  private static final int ROWS_PER_CHECK = 1_024;
  private static final TraceCursor BEGINNING = new TraceCursor(Long.MAX_VALUE, ByteString.EMPTY);

  /** What the index has of a trace. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Wanted(Integer[] keys, long mark) {
    static Wanted of(ByteString traceId) {
      return new Wanted(Hashes.traceKeys(traceId), Hashes.traceMark(traceId));
    }

    /** Both: among many traces, the bloom alone would say yes of some too often. */
    boolean mayBeIn(Integer[] ascending, byte[] bloom) {
      return TokenBloom.mayContain(bloom, mark)
          && Arrays.stream(keys).anyMatch(key -> Arrays.binarySearch(ascending, key) >= 0);
    }
  }

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final TraceQuery query;
  private final SpanMatcher matcher;

  TraceSearch(Pool pool, QueryPool queries, Budget budget, TraceQuery query) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.query = query;
    this.matcher = new SpanMatcher(query.condition());
  }

  /** Traces with what is known of them. */
  TracePage page() throws Exception {
    budget.byIndex();
    List<TraceSummary> page = new ArrayList<>();
    Set<ByteString> known = new HashSet<>();
    TraceCursor place = query.after().orElse(BEGINNING);
    while (true) {
      int wanted = query.limit() - page.size();
      List<TraceCursor> found = newest(wanted, place, known);
      Summaries summaries = summaries(found);
      for (TraceCursor trace : found) {
        place = trace;
        known.add(trace.traceId());
        if (isNew(trace, summaries)) {
          summaries.of(trace.traceId()).ifPresent(page::add);
        }
      }
      if (found.size() < wanted) {
        return new TracePage(page, Optional.empty());
      }
      if (page.size() >= query.limit()) {
        return new TracePage(page, Optional.of(place));
      }
    }
  }

  /** Only the places of traces; without a look at the rest of each, so pages may overlap. */
  List<TraceCursor> find() throws Exception {
    return newest(query.limit(), query.after().orElse(BEGINNING), Set.of());
  }

  /** What is stored of traces, which were found here or elsewhere, newest first. */
  List<TracePiece> pieces(List<TraceCursor> found) throws Exception {
    budget.byIndex();
    Summaries summaries = summaries(found);
    return found.stream().flatMap(trace -> summaries.piece(trace.traceId()).stream()).toList();
  }

  private boolean isNew(TraceCursor trace, Summaries summaries) {
    return query.after().isEmpty() || summaries.newestMatch(trace.traceId()) <= trace.nanos();
  }

  private List<TraceCursor> newest(int limit, TraceCursor after, Set<ByteString> known)
      throws Exception {
    TimeRange range = query.range();
    if (after.nanos() < range.endNanos()) {
      range = new TimeRange(range.start(), Instant.ofEpochSecond(0, after.nanos()));
    }
    SegmentScan scan =
        new SegmentScan(
            pool,
            budget,
            Partitions.SPANS,
            matcher.need().columns(),
            matcher.filter(),
            range,
            Direction.NEWEST_FIRST);
    NewestTraces traces = new NewestTraces(limit, after, known);
    for (List<Row> rows = scan.next(); !rows.isEmpty(); rows = scan.next()) {
      if (traces.isSettledBefore(SegmentScan.endNanos(rows.get(0)))) {
        break;
      }
      TimeRange within = range;
      long size = rows.stream().mapToLong(LogRows::storedBytes).sum() * LogSearch.SEGMENT_IN_MEMORY;
      budget.hold(size);
      queries.forEach(rows, row -> matches(row, within)).forEach(traces::addAll);
      budget.release(size);
    }
    return traces.inOrder();
  }

  /** Traces with a match in the segment, and the start of the newest. */
  private Map<ByteString, Long> matches(Row segment, TimeRange range) {
    SpanRows rows = SpanRows.open(segment, SegmentScan.FIRST_COLUMN, budget);
    Map<ByteString, Long> found = new HashMap<>();
    long from = range.startNanos();
    long to = range.endNanos();
    int end = rows.end(matcher.service());
    for (int row = rows.first(matcher.service()); row < end; row++) {
      if (row % ROWS_PER_CHECK == 0) {
        budget.check();
      }
      long start = rows.startNanos(row);
      if (start >= from && start <= to && matcher.matches(rows, row)) {
        found.merge(rows.traceId(row), start, Math::max);
      }
    }
    return found;
  }

  private Summaries summaries(List<TraceCursor> found) throws Exception {
    List<ByteString> ids = found.stream().map(TraceCursor::traceId).toList();
    // Whether a trace was on an earlier page takes another look at the condition.
    boolean paged = query.after().isPresent();
    SpanRows.Need need = paged ? matcher.need() : SpanRows.Need.NONE;
    SpanMatcher matching = paged ? matcher : NOTHING;
    Summaries summaries = new Summaries(ids, matching, query.range());
    if (ids.isEmpty()) {
      return summaries;
    }
    List<Wanted> wanted = ids.stream().map(Wanted::of).toList();
    Tuple parameters = Tuple.tuple();
    parameters.addValue(
        wanted.stream().flatMap(trace -> Arrays.stream(trace.keys)).toArray(Integer[]::new));
    long newest = found.get(0).nanos();
    long oldest = found.get(found.size() - 1).nanos();
    Duration around = TRACE_SPAN_MAX.plus(SegmentScan.SPAN_MAX);
    parameters.addValue(PgValues.instant(Instant.ofEpochSecond(0, oldest).minus(around)));
    parameters.addValue(PgValues.instant(Instant.ofEpochSecond(0, newest).plus(TRACE_SPAN_MAX)));
    Tuple keys = withOneOf(wanted, budget.select(pool, CANDIDATES, parameters));
    List<Row> rows = new ArrayList<>();
    budget.select(pool, SEGMENTS.formatted(need.columns()), keys).forEach(rows::add);
    // Decoded side by side, summed up one after the other.
    queries.forEach(rows, row -> SpanRows.open(row, 0, budget)).forEach(summaries::add);
    return summaries;
  }

  /** Keys of the segments that may have one of the traces: index entries are shared. */
  private Tuple withOneOf(List<Wanted> wanted, Iterable<Row> candidates) {
    List<Integer> parts = new ArrayList<>();
    List<OffsetDateTime> starts = new ArrayList<>();
    List<Long> segments = new ArrayList<>();
    for (Row row : candidates) {
      Integer[] hashes = row.getArrayOfIntegers(3);
      byte[] bloom = row.getBuffer(4).getBytes();
      budget.read((long) Integer.BYTES * hashes.length + bloom.length);
      if (wanted.stream().anyMatch(trace -> trace.mayBeIn(hashes, bloom))) {
        parts.add(row.getInteger(0));
        starts.add(row.getOffsetDateTime(1));
        segments.add(row.getLong(2));
      }
    }
    Tuple keys = Tuple.tuple();
    keys.addValue(parts.toArray(Integer[]::new));
    keys.addValue(starts.toArray(OffsetDateTime[]::new));
    keys.addValue(segments.toArray(Long[]::new));
    // Bounds, so that other days are not looked at.
    keys.addValue(starts.stream().min(Comparator.naturalOrder()).orElse(null));
    keys.addValue(starts.stream().max(Comparator.naturalOrder()).orElse(null));
    return keys;
  }
}
