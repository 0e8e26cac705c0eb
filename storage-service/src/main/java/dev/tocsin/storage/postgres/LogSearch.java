package dev.tocsin.storage.postgres;

import dev.tocsin.storage.LogCursor;
import dev.tocsin.storage.LogQuery;
import dev.tocsin.storage.LogQuery.Direction;
import dev.tocsin.storage.LogReader.LogPage;
import dev.tocsin.storage.LogReader.StoredLog;
import dev.tocsin.storage.TimeRange;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One search for log records. The order is by time, then as stored; a page goes on after a time and
 * the number of records of just that time that were seen. Used by one thread.
 */
final class LogSearch {
  private static final int ROWS_PER_CHECK = 256;

  /** What a stored byte is, decoded: an estimate. */
  static final int SEGMENT_IN_MEMORY = 4;

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final LogQuery query;
  private final LogMatcher matcher;
  private final TimeRange range;
  private final boolean newestFirst;

  /** Records of just the cursor's time that were on earlier pages. */
  private final int skipped;

  /** A match: at first its place in a segment, then the record. */
  private record Match(
      long nanos, int part, long id, int row, @Nullable LogRows rows, @Nullable StoredLog log) {}

  LogSearch(Pool pool, QueryPool queries, Budget budget, LogQuery query) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.query = query;
    this.matcher = new LogMatcher(query.condition());
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
    int wanted = query.limit() + skipped;
    SegmentScan scan =
        new SegmentScan(
            pool,
            budget,
            Partitions.LOGS,
            LogRows.Need.ALL.columns(),
            matcher.filter(),
            range,
            query.direction());
    List<Match> first = new ArrayList<>();
    for (List<Row> rows = scan.next(); !rows.isEmpty(); rows = scan.next()) {
      if (first.size() >= wanted && isSettled(first.get(wanted - 1), rows.get(0))) {
        break;
      }
      addPage(first, rows, wanted);
    }
    return page(first, wanted);
  }

  /** Segments are forgotten with their page: what is kept of them is decoded. */
  private void addPage(List<Match> first, List<Row> page, int wanted) throws Exception {
    long size = page.stream().mapToLong(LogRows::storedBytes).sum() * SEGMENT_IN_MEMORY;
    budget.hold(size);
    for (List<Match> found : queries.forEach(page, row -> matches(row, wanted))) {
      first.addAll(found);
    }
    first.sort(order());
    if (first.size() > wanted) {
      first.subList(wanted, first.size()).clear();
    }
    first.replaceAll(this::decoded);
    budget.release(size);
  }

  private Match decoded(Match match) {
    LogRows rows = match.rows();
    if (rows == null) {
      return match;
    }
    StoredLog log = rows.stored(match.row());
    budget.hold(2L * log.log().getSerializedSize() + log.resource().getSerializedSize());
    return new Match(match.nanos(), match.part(), match.id(), match.row(), null, log);
  }

  private boolean isSettled(Match last, Row next) {
    return newestFirst
        ? last.nanos() >= SegmentScan.endNanos(next)
        : last.nanos() < SegmentScan.startNanos(next);
  }

  private Comparator<Match> order() {
    Comparator<Match> byTime = Comparator.comparingLong(Match::nanos);
    return (newestFirst ? byTime.reversed() : byTime)
        .thenComparingInt(Match::part)
        .thenComparingLong(Match::id)
        .thenComparingInt(Match::row);
  }

  private List<Match> matches(Row segment, int enough) {
    LogRows rows = LogRows.open(segment, SegmentScan.FIRST_COLUMN, budget);
    List<Match> found = new ArrayList<>();
    long from = range.startNanos();
    long to = range.endNanos();
    int end = rows.end(matcher.service());
    for (int row = rows.first(matcher.service()); row < end; row++) {
      if (row % ROWS_PER_CHECK == 0) {
        budget.check();
      }
      long nanos = rows.nanos(row);
      if (nanos >= from && nanos <= to && matcher.matches(rows, row)) {
        found.add(new Match(nanos, segment.getInteger(2), segment.getLong(3), row, rows, null));
      }
    }
    found.sort(order());
    // Copied, so that what is left out can be forgotten.
    return found.size() > enough ? List.copyOf(found.subList(0, enough)) : found;
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
