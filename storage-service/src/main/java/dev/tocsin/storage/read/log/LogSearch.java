package dev.tocsin.storage.read.log;

import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader.LogPage;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.query.QueryMemoryException;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.log.LogPageDecoder.Place;
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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /** Whether segments are forgotten once they were searched, as there is no room for them. */
  private boolean tight;

  LogSearch(Pool pool, QueryPool queries, Budget budget, LogQuery query) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.query = query;
    this.matcher = Matcher.ofLogs(query.condition());
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
    List<Place> first = new ArrayList<>();
    for (List<Stored<LogSegment>> batch = scan.next(); !batch.isEmpty(); batch = scan.next()) {
      if (first.size() >= wanted && isSettled(first.get(wanted - 1), batch.get(0))) {
        break;
      }
      collect(first, batch, wanted);
    }
    return page(first, wanted);
  }

  /** When there is no room for all of them, segments are searched some at a time. */
  private void collect(List<Place> first, List<Stored<LogSegment>> batch, int wanted)
      throws Exception {
    if (!tight) {
      try {
        add(first, batch, wanted);
        return;
      } catch (QueryMemoryException tooMuchAtOnce) {
        tight = true;
        search.reads().drop(batch);
        search.reads().drop(segments(first));
      }
    }
    search.reads().inParts(batch, some -> add(first, some, wanted));
  }

  /** Segments with a match stay, as the page will be made of them; others are forgotten. */
  private void add(List<Place> first, List<Stored<LogSegment>> batch, int wanted) throws Exception {
    Set<Stored<LogSegment>> before = segments(first);
    for (RowSearch.Hit<LogSegment> hit : search.hits(batch, range)) {
      first.addAll(places(hit, wanted));
    }
    first.sort(order());
    if (first.size() > wanted) {
      first.subList(wanted, first.size()).clear();
    }
    before.addAll(batch);
    before.removeAll(segments(first));
    search.reads().drop(before);
  }

  private static Set<Stored<LogSegment>> segments(List<Place> places) {
    Set<Stored<LogSegment>> segments = new HashSet<>();
    places.forEach(place -> segments.add(place.of()));
    return segments;
  }

  private boolean isSettled(Place last, Stored<LogSegment> next) {
    return newestFirst ? last.nanos() >= next.endNanos() : last.nanos() < next.startNanos();
  }

  private Comparator<Place> order() {
    Comparator<Place> byTime = Comparator.comparingLong(Place::nanos);
    return (newestFirst ? byTime.reversed() : byTime)
        .thenComparingInt(place -> place.of().part)
        .thenComparingLong(place -> place.of().id)
        .thenComparingInt(Place::row);
  }

  private List<Place> places(RowSearch.Hit<LogSegment> hit, int enough) {
    Stored<LogSegment> of = hit.of();
    List<Place> found = new ArrayList<>();
    hit.rows().stream().forEach(row -> found.add(new Place(of.segment.nanos(row), of, row)));
    found.sort(order());
    return found.size() > enough ? found.subList(0, enough) : found;
  }

  private LogPage page(List<Place> first, int wanted) throws Exception {
    int begin = 0;
    while (begin < Math.min(skipped, first.size()) && isAtCursor(first.get(begin))) {
      begin++;
    }
    List<Place> rest = first.subList(begin, Math.min(first.size(), begin + query.limit()));
    search.reads().drop(without(segments(first), segments(rest)));
    List<StoredLog> logs =
        new LogPageDecoder(queries, budget, search.reads(), query.whole(), query.bytesMax())
            .records(rest);
    boolean isLast = logs.size() == rest.size() && first.size() < wanted;
    if (isLast || logs.isEmpty()) {
      return new LogPage(logs, Optional.empty());
    }
    int end = begin + logs.size();
    long last = first.get(end - 1).nanos();
    int same = (int) first.subList(0, end).stream().filter(place -> place.nanos() == last).count();
    return new LogPage(logs, Optional.of(new LogCursor(last, same)));
  }

  private boolean isAtCursor(Place place) {
    return query.after().map(after -> after.nanos() == place.nanos()).orElse(false);
  }

  private static <T> Set<T> without(Set<T> all, Set<T> some) {
    all.removeAll(some);
    return all;
  }
}
