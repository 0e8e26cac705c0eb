package dev.tocsin.storage.read.trace;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.index.TokenBloom;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.FoundTraces;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TracePiece;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceSummary;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.Matcher;
import dev.tocsin.storage.read.scan.RowSearch;
import dev.tocsin.storage.read.scan.SegmentFilter;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.read.scan.SegmentTable;
import dev.tocsin.storage.read.scan.Stored;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One search for traces: scans segments newest first for spans that match, then reads the traces
 * found. A trace's place in the order is its newest span that matches, so pages do not overlap: one
 * whose newest match came before the cursor was on an earlier page. Used by one thread.
 */
final class TraceSearch {
  /**
   * A trace lasts as long as it likes; of one in more segments than these, the nearest to what was
   * found are summed up, and the answer says it is partial.
   */
  private static final int SEGMENTS_OF_TRACE_MAX = 4_000;

  // Trace by trace, without the time: of hundreds of keys at once the planner expects so many rows
  // that it would rather compare the arrays of all of that time. Index entries are shared, so the
  // bloom is asked as well: of its one block that tells.
  private static final String CANDIDATES =
      """
      select %1$s, array_agg(wanted.place) filter (where nth > %2$d) as beyond from
        unnest($1::text[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[],
            $7::timestamptz[])
          with ordinality as wanted (keys, block, b1, b2, b3, b4, at, place)
        cross join lateral (
          select %1$s,
            row_number() over (order by abs(extract(epoch from min_ts - wanted.at))) as nth
          from (
            select %1$s, substring(attr_bloom
                from (wanted.block %% (octet_length(attr_bloom) / 32)) * 32 + 1 for 32) as bits
            from span_seg where trace_hash && wanted.keys::int[]
            offset 0) as candidate
          where get_bit(bits, wanted.b1) = 1 and get_bit(bits, wanted.b2) = 1
            and get_bit(bits, wanted.b3) = 1 and get_bit(bits, wanted.b4) = 1
          order by nth limit %2$d + 1) as near
      group by %1$s\
      """
          .formatted(Stored.COLUMNS, SEGMENTS_OF_TRACE_MAX);

  /** Segments of spans that began before the range and may go on into it, which are looked at. */
  private static final int EARLIER_SEGMENTS_MAX = 1_000;

  private static final String OF_OLD_VERSIONS =
      "select 1 from span_seg where max_end is null and max_ts < $1 limit 1";

  /** What a summary is made of. */
  private static final Need SUMMARY = Need.of(Need.Part.ROWS, Need.Part.TRACES, Need.Part.ROOTS);

  private static final int SEGMENTS_AT_ONCE = 64;
  private static final int BATCH_SMALL = 8;
  private static final TraceCursor BEGINNING = new TraceCursor(Long.MAX_VALUE, ByteString.EMPTY);

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final TraceQuery query;
  private final Matcher<SpanCondition, SpanSegment> matcher;
  private final RowSearch<SpanSegment> search;
  private boolean partial;

  TraceSearch(Pool pool, QueryPool queries, Budget budget, TraceQuery query) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.query = query;
    this.matcher = Matcher.ofSpans(query.condition());
    this.search = new RowSearch<>(pool, queries, budget, SegmentTable.SPANS, matcher);
  }

  /** Traces with what is known of them. */
  TracePage page() throws Exception {
    budget.byIndex();
    List<TraceSummary> page = new ArrayList<>();
    Set<ByteString> known = new HashSet<>();
    TraceCursor place = query.after().orElse(BEGINNING);
    long bytes = 0;
    while (true) {
      int wanted = query.limit() - page.size();
      List<TraceCursor> found = newest(wanted, place, known);
      Summaries summaries = summaries(found);
      for (TraceCursor trace : found) {
        place = trace;
        known.add(trace.traceId());
        Optional<TraceSummary> summary =
            isNew(trace, summaries) ? summaries.of(trace.traceId()) : Optional.empty();
        if (summary.isPresent()) {
          budget.hold(summary.get().answerBytes());
          bytes += summary.get().answerBytes();
          page.add(summary.get());
        }
        if (bytes >= AnswerBytes.PAGE_MAX) {
          return new TracePage(page, partial, Optional.of(place));
        }
      }
      if (found.size() < wanted) {
        return new TracePage(page, partial, Optional.empty());
      }
      if (page.size() >= query.limit()) {
        return new TracePage(page, partial, Optional.of(place));
      }
    }
  }

  /** Only the places of traces; without a look at the rest of each, so pages may overlap. */
  FoundTraces find() throws Exception {
    List<TraceCursor> places = newest(query.limit(), query.after().orElse(BEGINNING), Set.of());
    return new FoundTraces(places, partial);
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
    NewestTraces traces = new NewestTraces(limit, after, known);
    SegmentScan<SpanSegment> within =
        new SegmentScan<>(
            pool,
            budget,
            SegmentTable.SPANS,
            matcher.addTo(SegmentFilter.spans()),
            range,
            Direction.NEWEST_FIRST,
            SEGMENTS_AT_ONCE);
    if (!collect(traces, within, range, Integer.MAX_VALUE)
        && !traces.isSettledBefore(range.startNanos())) {
      SegmentScan<SpanSegment> before =
          SegmentScan.before(
              pool, budget, matcher.addTo(SegmentFilter.spans()), range, SEGMENTS_AT_ONCE);
      if (!collect(traces, before, range, EARLIER_SEGMENTS_MAX)) {
        partial |= hasOfOldVersions(range);
      }
    }
    return traces.inOrder();
  }

  /** Whether there are segments before the range that do not say when their spans ended. */
  private boolean hasOfOldVersions(TimeRange range) throws Exception {
    Tuple until = Tuple.of(PgValues.instant(range.start().minus(SegmentScan.SPAN_MAX)));
    return budget.select(pool, OF_OLD_VERSIONS, until).size() > 0;
  }

  /** Returns whether nothing that comes later can change the answer, or is looked at. */
  private boolean collect(
      NewestTraces traces, SegmentScan<SpanSegment> scan, TimeRange range, int segmentsMax)
      throws Exception {
    int looked = 0;
    for (List<Stored<SpanSegment>> batch = scan.next(); !batch.isEmpty(); batch = scan.next()) {
      if (traces.isSettledBefore(batch.get(0).endNanos())) {
        return true;
      }
      if (looked >= segmentsMax) {
        partial = true;
        return true;
      }
      looked += batch.size();
      search.reads().inParts(batch, some -> collect(traces, some, range));
    }
    return false;
  }

  private void collect(NewestTraces traces, List<Stored<SpanSegment>> batch, TimeRange range)
      throws Exception {
    if (batch.size() <= BATCH_SMALL) {
      // Probably needed of each: in one statement rather than two.
      Need first = matcher.stages().get(0).need().and(Need.of(Need.Part.TRACES));
      search.reads().fetch(batch, first, matcher.service());
    }
    List<RowSearch.Hit<SpanSegment>> hits = search.hits(batch, range);
    search
        .reads()
        .fetch(
            hits.stream().map(RowSearch.Hit::of).toList(),
            Need.of(Need.Part.TRACES),
            Optional.empty());
    queries.forEach(hits, TraceSearch::newestOf).forEach(traces::addAll);
  }

  /** Traces with a match in the segment, and the start of the newest. */
  private static Map<ByteString, Long> newestOf(RowSearch.Hit<SpanSegment> hit) {
    SpanSegment segment = hit.of().segment;
    Map<ByteString, Long> found = new HashMap<>();
    hit.rows().stream()
        .forEach(row -> found.merge(segment.traceId(row), segment.startNanos(row), Math::max));
    return found;
  }

  private Summaries summaries(List<TraceCursor> found) throws Exception {
    List<ByteString> ids = found.stream().map(TraceCursor::traceId).toList();
    Summaries summaries = new Summaries(ids);
    if (ids.isEmpty()) {
      return summaries;
    }
    // Whether a trace was on an earlier page takes another look at the condition.
    boolean paged = query.after().isPresent();
    Need need = paged ? SUMMARY.and(matcher.need()) : SUMMARY;
    List<Stored<SpanSegment>> segments = segmentsOf(found, summaries);
    for (int from = 0; from < segments.size(); from += SEGMENTS_AT_ONCE) {
      List<Stored<SpanSegment>> some =
          segments.subList(from, Math.min(segments.size(), from + SEGMENTS_AT_ONCE));
      search.reads().inParts(some, part -> sumUp(part, need, ids, summaries));
    }
    return summaries;
  }

  private void sumUp(
      List<Stored<SpanSegment>> some, Need need, List<ByteString> ids, Summaries summaries)
      throws Exception {
    search.reads().fetch(some, need, Optional.empty());
    // Decoded side by side, summed up one after the other.
    queries
        .forEach(some, each -> summands(each.segment, ids, query.after().isPresent()))
        .forEach(summaries::add);
  }

  private List<Summaries.Summand> summands(
      SpanSegment segment, List<ByteString> ids, boolean paged) {
    int[] places = segment.placesOfTraces(ids);
    BitSet matching = new BitSet();
    if (paged) {
      long from = query.range().startNanos();
      long to = query.range().endNanos();
      matching = Summaries.rows(places);
      for (int row = matching.nextSetBit(0); row >= 0; row = matching.nextSetBit(row + 1)) {
        matching.set(row, segment.endNanos(row) >= from && segment.startNanos(row) <= to);
      }
      for (Matcher.Stage<SpanSegment> stage : matcher.stages()) {
        stage.filter().retain(segment, matching, budget);
      }
    }
    return Summaries.summands(segment, places, matching);
  }

  /** The segments that may have one of the traces, of all days: index entries are shared. */
  private List<Stored<SpanSegment>> segmentsOf(List<TraceCursor> found, Summaries summaries)
      throws Exception {
    Tuple parameters = Tuple.tuple();
    parameters.addValue(found.stream().map(trace -> keys(trace.traceId())).toArray(String[]::new));
    List<TokenBloom.Probe> probes =
        found.stream().map(trace -> TokenBloom.probe(Hashes.traceMark(trace.traceId()))).toList();
    parameters.addValue(probes.stream().map(TokenBloom.Probe::block).toArray(Integer[]::new));
    for (int i = 0; i < TokenBloom.BITS_PER_TOKEN; i++) {
      int bit = i;
      parameters.addValue(probes.stream().map(probe -> probe.bits()[bit]).toArray(Integer[]::new));
    }
    parameters.addValue(
        found.stream()
            .map(trace -> PgValues.instant(trace.nanos()))
            .toArray(OffsetDateTime[]::new));
    List<Stored<SpanSegment>> segments = new ArrayList<>();
    for (Row row : budget.select(pool, CANDIDATES, parameters)) {
      segments.add(Stored.of(SegmentTable.SPANS, row));
      Long[] beyond = row.getArrayOfLongs(5);
      for (int i = 0; beyond != null && i < beyond.length; i++) {
        summaries.cut(beyond[i].intValue() - 1);
      }
    }
    return segments;
  }

  /** The keys of a trace as PostgreSQL writes an array. */
  private static String keys(ByteString traceId) {
    return Arrays.stream(Hashes.traceKeys(traceId))
        .map(String::valueOf)
        .collect(Collectors.joining(",", "{", "}"));
  }
}
