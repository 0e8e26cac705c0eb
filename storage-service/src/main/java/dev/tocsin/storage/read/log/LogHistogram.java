package dev.tocsin.storage.read.log;

import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader.Bucket;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Counts records by time and severity; bodies are read only where the condition asks for them. */
final class LogHistogram {
  private static final int CLASSES = 7;
  private static final int NUMBERS_PER_CLASS = 4;
  private static final int SEGMENTS_AT_ONCE = 32;

  private final Pool pool;
  private final Budget budget;
  private final Matcher<LogCondition, LogSegment> matcher;
  private final RowSearch<LogSegment> search;
  private final TimeRange range;
  private final long stepNanos;

  LogHistogram(
      Pool pool,
      QueryPool queries,
      Budget budget,
      Condition<LogCondition> condition,
      TimeRange range,
      long stepNanos) {
    this.pool = pool;
    this.budget = budget;
    this.matcher = Matcher.ofLogs(condition);
    this.search = new RowSearch<>(pool, queries, budget, SegmentTable.LOGS, matcher);
    this.range = range;
    this.stepNanos = stepNanos;
  }

  List<Bucket> count() throws Exception {
    budget.byIndex();
    long start = range.startNanos();
    int size = (int) ((range.endNanos() - start) / stepNanos) + 1;
    budget.hold((long) size * CLASSES * Long.BYTES);
    long[] counts = new long[size * CLASSES];
    SegmentScan<LogSegment> scan =
        new SegmentScan<>(
            pool,
            budget,
            SegmentTable.LOGS,
            matcher.addTo(SegmentFilter.logs()),
            range,
            Direction.NEWEST_FIRST,
            SEGMENTS_AT_ONCE);
    for (List<Stored<LogSegment>> batch = scan.next(); !batch.isEmpty(); batch = scan.next()) {
      search.reads().inParts(batch, some -> places(some).forEach(place -> counts[place]++));
    }
    List<Bucket> buckets = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long[] bucket = Arrays.copyOfRange(counts, i * CLASSES, (i + 1) * CLASSES);
      buckets.add(new Bucket(start + i * stepNanos, Arrays.stream(bucket).boxed().toList()));
    }
    return buckets;
  }

  /** The counts that the matches of some segments add to, all of them before one is added. */
  private IntStream places(List<Stored<LogSegment>> some) throws Exception {
    IntStream.Builder places = IntStream.builder();
    for (RowSearch.Hit<LogSegment> hit : search.hits(some, range)) {
      LogSegment segment = hit.of().segment;
      hit.rows().stream().forEach(row -> places.add(place(segment, row)));
    }
    return places.build();
  }

  /** The count that a match adds to. */
  private int place(LogSegment segment, int row) {
    long bucket = (segment.nanos(row) - range.startNanos()) / stepNanos;
    return (int) bucket * CLASSES + severityClass(segment.severity(row));
  }

  private static int severityClass(int severity) {
    boolean known = severity > 0 && severity <= (CLASSES - 1) * NUMBERS_PER_CLASS;
    return known ? 1 + (severity - 1) / NUMBERS_PER_CLASS : 0;
  }
}
