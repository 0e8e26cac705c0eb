package dev.tocsin.storage.read.log;

import dev.tocsin.segment.core.Need;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader.LogPage;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.scan.Matcher;
import dev.tocsin.storage.read.scan.RowSearch;
import dev.tocsin.storage.read.scan.SegmentFilter;
import dev.tocsin.storage.read.scan.SegmentScan;
import dev.tocsin.storage.read.scan.SegmentTable;
import dev.tocsin.storage.read.scan.Stored;
import io.vertx.sqlclient.Pool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One search for log records. The order is by time, then as stored; a page goes on after a time and
 * the number of records of just that time that were seen. Used by one thread.
 */
final class LogSearch {
  private static final int SEGMENTS_AT_ONCE = 32;

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final LogQuery query;
  private final Matcher<LogCondition, LogSegment> matcher;
  private final RowSearch<LogSegment> search;
  private final TimeRange range;
  private final boolean newestFirst;

  /** Records of just the cursor's time that were on earlier pages. */
  private final int skipped;

  /** A match: at first its place in a segment, then the record. */
  private record Match(
      long nanos,
      int part,
      long id,
      int row,
      @Nullable Stored<LogSegment> of,
      @Nullable StoredLog log) {}

  LogSearch(Pool pool, QueryPool queries, Budget budget, LogQuery query) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.query = query;
    this.matcher = Matcher.of(query.condition());
    this.search = new RowSearch<>(pool, queries, budget, SegmentTable.LOGS, matcher);
    this.newestFirst = query.direction() == Direction.NEWEST_FIRST;
    this.range = query.after().map(this::rest).orElse(query.range());
    this.skipped = query.after().map(LogCursor::seen).orElse(0);
  }

  private TimeRange rest(LogCursor after) {
    Instant at = Instant.ofEpochSecond(0, after.nanos());
    TimeRange whole = query.range();
    if (newestFirst) {
      return new TimeRange(whole.start(), at.isBefore(whole.end()) ? at : whole.end());
    }
    return new TimeRange(at.isAfter(whole.start()) ? at : whole.start(), whole.end());
  }

  LogPage page() throws Exception {
    budget.byIndex();
    int wanted = query.limit() + skipped;
    SegmentScan<LogSegment> scan =
        new SegmentScan<>(
            pool,
            budget,
            SegmentTable.LOGS,
            matcher.addTo(SegmentFilter.logs()),
            range,
            query.direction(),
            SEGMENTS_AT_ONCE);
    List<Match> first = new ArrayList<>();
    for (List<Stored<LogSegment>> batch = scan.next(); !batch.isEmpty(); batch = scan.next()) {
      if (first.size() >= wanted && isSettled(first.get(wanted - 1), batch.get(0))) {
        break;
      }
      add(first, search.hits(batch, range), wanted);
      search.reads().release(batch);
    }
    return page(first, wanted);
  }

  /** Segments are forgotten with their batch: what is kept of them is decoded. */
  private void add(List<Match> first, List<RowSearch.Hit<LogSegment>> hits, int wanted)
      throws Exception {
    for (RowSearch.Hit<LogSegment> hit : hits) {
      first.addAll(matches(hit, wanted));
    }
    first.sort(order());
    if (first.size() > wanted) {
      first.subList(wanted, first.size()).clear();
    }
    Map<Stored<LogSegment>, List<Match>> fresh = new LinkedHashMap<>();
    for (Match match : first) {
      Stored<LogSegment> of = match.of();
      if (of != null) {
        fresh.computeIfAbsent(of, key -> new ArrayList<>()).add(match);
      }
    }
    search.reads().fetch(fresh.keySet(), Need.ALL, Optional.empty());
    first.removeIf(match -> match.of() != null);
    queries.forEach(List.copyOf(fresh.entrySet()), this::decoded).forEach(first::addAll);
    first.sort(order());
  }

  private List<Match> decoded(Map.Entry<Stored<LogSegment>, List<Match>> fresh) {
    List<Match> decoded = new ArrayList<>();
    for (Match match : fresh.getValue()) {
      budget.check();
      StoredLog log = record(fresh.getKey().segment, match.row());
      budget.hold(2L * log.log().getSerializedSize() + log.resource().getSerializedSize());
      decoded.add(new Match(match.nanos(), match.part(), match.id(), match.row(), null, log));
    }
    return decoded;
  }

  /** A record of a segment that is here as a whole. */
  static StoredLog record(LogSegment segment, int row) {
    return new StoredLog(
        segment.nanos(row),
        segment.service(row),
        segment.text(row),
        segment.log(row),
        segment.resource(row),
        segment.scope(row));
  }

  private boolean isSettled(Match last, Stored<LogSegment> next) {
    return newestFirst ? last.nanos() >= next.endNanos() : last.nanos() < next.startNanos();
  }

  private Comparator<Match> order() {
    Comparator<Match> byTime = Comparator.comparingLong(Match::nanos);
    return (newestFirst ? byTime.reversed() : byTime)
        .thenComparingInt(Match::part)
        .thenComparingLong(Match::id)
        .thenComparingInt(Match::row);
  }

  private List<Match> matches(RowSearch.Hit<LogSegment> hit, int enough) {
    Stored<LogSegment> of = hit.of();
    List<Match> found = new ArrayList<>();
    hit.rows().stream()
        .forEach(row -> found.add(new Match(of.segment.nanos(row), of.part, of.id, row, of, null)));
    found.sort(order());
    return found.size() > enough ? found.subList(0, enough) : found;
  }

  private LogPage page(List<Match> first, int wanted) {
    List<StoredLog> logs = new ArrayList<>();
    int passed = 0;
    for (Match match : first) {
      StoredLog log = match.log();
      boolean seen =
          passed < skipped
              && query.after().map(after -> after.nanos() == match.nanos()).orElse(false);
      if (seen) {
        passed++;
      } else if (log != null && logs.size() < query.limit()) {
        logs.add(log);
      }
    }
    if (first.size() < wanted || logs.isEmpty()) {
      return new LogPage(logs, Optional.empty());
    }
    long last = logs.get(logs.size() - 1).nanos();
    int same = (int) first.stream().filter(match -> match.nanos() == last).count();
    return new LogPage(logs, Optional.of(new LogCursor(last, same)));
  }
}
