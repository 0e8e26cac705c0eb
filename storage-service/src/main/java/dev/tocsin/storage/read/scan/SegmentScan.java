package dev.tocsin.storage.read.scan;

import dev.tocsin.segment.core.Segment;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.Budget;
import dev.tocsin.storage.schema.PgValues;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Segments of a time range in the order of their newest (or oldest) item, a batch at a time, with
 * nothing fetched of them: the first batch is small, as a search often has enough soon; later ones
 * grow. Used by one thread.
 */
public final class SegmentScan<S extends Segment> {
  private static final int LISTED_FIRST = 24;
  private static final int LISTED_MAX = 512;
  private static final int BATCH_FIRST = 4;

  /**
   * Segments span at most an hour; the partition of one begins at most so long before its items.
   */
  public static final Duration SPAN_MAX = Duration.ofHours(1);

  private static final String WITHIN =
      """
      %s select %s from %s
      where min_ts >= $1 and min_ts <= $2 and max_ts >= $3
        %s
      """;

  // By itself: of both bounds the planner expects a great many rows, and would walk through all
  // that began before to find the few that went on. Older versions did not store when spans ended.
  private static final String BEFORE =
      """
      with earlier as materialized (
        select * from %s
        where min_ts >= $1 and min_ts <= $2 and max_ts < $3
          and (max_end >= $3 or (max_end is null and max_ts >= $3 - interval '1 hour')))
      select %s from earlier
      where true
        %s
      """;

  private final Pool pool;
  private final Budget budget;
  private final SegmentTable<S> table;
  private final Direction direction;
  private final String sql;
  private final Tuple filter;
  private final TimeRange range;
  private final OffsetDateTime firstMinTs;
  private final int batchMax;
  private final Deque<Stored<S>> listed = new ArrayDeque<>();
  private int listSize = LISTED_FIRST;
  private int batchSize;
  private @Nullable Stored<S> last;
  private boolean ended;

  /** Segments with items of the range. */
  public SegmentScan(
      Pool pool,
      Budget budget,
      SegmentTable<S> table,
      SegmentFilter filter,
      TimeRange range,
      Direction direction,
      int batchMax) {
    this(
        pool,
        budget,
        table,
        filter,
        range,
        direction,
        batchMax,
        PgValues.instant(range.start().minus(SPAN_MAX)),
        WITHIN.formatted(
            filter.with(table.name()),
            Stored.COLUMNS,
            filter.source(table.name()),
            order(direction, filter)));
  }

  /**
   * Segments of spans that all began before the range, of which some went on into it; those that
   * began last come first.
   *
   * @param filter asks for no trace
   */
  public static SegmentScan<SpanSegment> before(
      Pool pool, Budget budget, SegmentFilter filter, TimeRange range, int batchMax) {
    return new SegmentScan<>(
        pool,
        budget,
        SegmentTable.SPANS,
        filter,
        range,
        Direction.NEWEST_FIRST,
        batchMax,
        PgValues.instant(Instant.EPOCH),
        BEFORE.formatted(
            SegmentTable.SPANS.name(), Stored.COLUMNS, order(Direction.NEWEST_FIRST, filter)));
  }

  private static String order(Direction direction, SegmentFilter filter) {
    String order =
        direction == Direction.NEWEST_FIRST
            ? "and (max_ts, part, id) < ($4, $5, $6) %s order by max_ts desc, part desc, id desc"
            : "and (min_ts, part, id) > ($4, $5, $6) %s order by min_ts, part, id";
    return order.formatted(filter.where());
  }

  private SegmentScan(
      Pool pool,
      Budget budget,
      SegmentTable<S> table,
      SegmentFilter filter,
      TimeRange range,
      Direction direction,
      int batchMax,
      OffsetDateTime firstMinTs,
      String sql) {
    this.pool = pool;
    this.budget = budget;
    this.table = table;
    this.filter = filter.parameters();
    this.range = range;
    this.direction = direction;
    this.batchMax = batchMax;
    this.batchSize = Math.min(batchMax, Math.max(BATCH_FIRST, batchMax / 8));
    this.firstMinTs = firstMinTs;
    this.sql = sql;
  }

  /** The next segments; none at the end. */
  public List<Stored<S>> next() throws Exception {
    if (listed.isEmpty() && !ended) {
      list();
    }
    List<Stored<S>> batch = new ArrayList<>();
    while (!listed.isEmpty() && batch.size() < batchSize) {
      batch.add(listed.remove());
    }
    batchSize = Math.min(batchSize * 2, batchMax);
    return batch;
  }

  private void list() throws Exception {
    for (Row row : budget.select(pool, sql + " limit " + listSize, parameters())) {
      last = Stored.of(table, row);
      listed.add(last);
    }
    ended = listed.size() < listSize;
    listSize = LISTED_MAX;
  }

  private Tuple parameters() {
    Tuple parameters =
        Tuple.of(firstMinTs, PgValues.instant(range.end()), PgValues.instant(range.start()));
    Stored<S> from = last;
    boolean newest = direction == Direction.NEWEST_FIRST;
    if (from != null) {
      parameters.addValue(newest ? from.maxTs : from.minTs);
      parameters.addInteger(from.part).addLong(from.id);
    } else if (newest) {
      parameters.addValue(PgValues.instant(range.end().plus(SPAN_MAX).plus(SPAN_MAX)));
      parameters.addInteger(Integer.MAX_VALUE).addLong(Long.MAX_VALUE);
    } else {
      parameters.addValue(PgValues.instant(range.start().minus(SPAN_MAX).minus(SPAN_MAX)));
      parameters.addInteger(-1).addLong(Long.MIN_VALUE);
    }
    for (int i = 0; i < filter.size(); i++) {
      parameters.addValue(filter.getValue(i));
    }
    return parameters;
  }
}
