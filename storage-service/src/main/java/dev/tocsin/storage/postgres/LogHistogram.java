package dev.tocsin.storage.postgres;

import dev.tocsin.storage.LogCondition;
import dev.tocsin.storage.LogQuery.Direction;
import dev.tocsin.storage.LogReader.Bucket;
import dev.tocsin.storage.TimeRange;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Counts records by time and severity; bodies are read only where the condition asks for them. */
final class LogHistogram {
  private static final int CLASSES = 7;
  private static final int NUMBERS_PER_CLASS = 4;
  private static final int ROWS_PER_CHECK = 256;

  private final Pool pool;
  private final QueryPool queries;
  private final Budget budget;
  private final LogMatcher matcher;
  private final TimeRange range;
  private final long stepNanos;

  LogHistogram(
      Pool pool,
      QueryPool queries,
      Budget budget,
      LogCondition condition,
      TimeRange range,
      long stepNanos) {
    this.pool = pool;
    this.queries = queries;
    this.budget = budget;
    this.matcher = new LogMatcher(condition);
    this.range = range;
    this.stepNanos = stepNanos;
  }

  List<Bucket> count() throws Exception {
    long start = range.startNanos();
    int size = (int) ((range.endNanos() - start) / stepNanos) + 1;
    budget.hold((long) size * CLASSES * Long.BYTES);
    long[] counts = new long[size * CLASSES];
    SegmentScan scan =
        new SegmentScan(
            pool,
            budget,
            Partitions.LOGS,
            matcher.need().columns(),
            matcher.filter(),
            range,
            Direction.NEWEST_FIRST);
    for (List<Row> rows = scan.next(); !rows.isEmpty(); rows = scan.next()) {
      for (int[] places : queries.forEach(rows, this::places)) {
        for (int place : places) {
          counts[place]++;
        }
      }
    }
    List<Bucket> buckets = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long[] bucket = Arrays.copyOfRange(counts, i * CLASSES, (i + 1) * CLASSES);
      buckets.add(new Bucket(start + i * stepNanos, Arrays.stream(bucket).boxed().toList()));
    }
    return buckets;
  }

  /** For each match the count it adds to. */
  private int[] places(Row segment) {
    LogRows rows = LogRows.open(segment, SegmentScan.FIRST_COLUMN, budget);
    int[] places = new int[rows.count()];
    int found = 0;
    long from = range.startNanos();
    long to = range.endNanos();
    int end = rows.end(matcher.service());
    for (int row = rows.first(matcher.service()); row < end; row++) {
      if (row % ROWS_PER_CHECK == 0) {
        budget.check();
      }
      long nanos = rows.nanos(row);
      if (nanos >= from && nanos <= to && matcher.matches(rows, row)) {
        places[found++] =
            (int) ((nanos - from) / stepNanos) * CLASSES + severityClass(rows.severity(row));
      }
    }
    return Arrays.copyOf(places, found);
  }

  private static int severityClass(int severity) {
    boolean known = severity > 0 && severity <= (CLASSES - 1) * NUMBERS_PER_CLASS;
    return known ? 1 + (severity - 1) / NUMBERS_PER_CLASS : 0;
  }
}
