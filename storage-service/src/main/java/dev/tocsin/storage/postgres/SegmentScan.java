package dev.tocsin.storage.postgres;

import dev.tocsin.storage.LogQuery.Direction;
import dev.tocsin.storage.TimeRange;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Segments of a time range in the order of their newest (or oldest) item, a page at a time: the
 * first is small, as a search often has enough soon; later ones grow. Used by one thread.
 */
final class SegmentScan {
  private static final int PAGE_FIRST = 2;
  private static final int PAGE_MAX = 16;

  /** Column of a row at which those asked for begin. */
  static final int FIRST_COLUMN = 4;

  /**
   * Segments span at most an hour; the partition of one begins at most so long before its items.
   */
  static final Duration SPAN_MAX = Duration.ofHours(1);

  private final Pool pool;
  private final Budget budget;
  private final Direction direction;
  private final String sql;
  private final Tuple filter;
  private final TimeRange range;
  private int pageSize = PAGE_FIRST;
  private @Nullable Row last;
  private boolean ended;

  /**
   * @param columns of the segment, read by position from {@link #FIRST_COLUMN} on
   */
  SegmentScan(
      Pool pool,
      Budget budget,
      String table,
      String columns,
      SegmentFilter filter,
      TimeRange range,
      Direction direction) {
    this.pool = pool;
    this.budget = budget;
    this.filter = filter.parameters();
    this.range = range;
    this.direction = direction;
    String order =
        direction == Direction.NEWEST_FIRST
            ? "and (max_ts, part, id) < ($4, $5, $6) %s order by max_ts desc, part desc, id desc"
            : "and (min_ts, part, id) > ($4, $5, $6) %s order by min_ts, part, id";
    this.sql =
        """
        select min_ts, max_ts, part, id, %s from %s
        where min_ts >= $1 and min_ts <= $2 and max_ts >= $3
          %s
        """
            .formatted(columns, table, order.formatted(filter.where()));
  }

  /** The next segments; none at the end. */
  List<Row> next() throws Exception {
    if (ended) {
      return List.of();
    }
    List<Row> page = new ArrayList<>();
    RowSet<Row> rows = budget.select(pool, sql + " limit " + pageSize, parameters());
    rows.forEach(page::add);
    ended = page.size() < pageSize;
    last = page.isEmpty() ? last : page.get(page.size() - 1);
    pageSize = Math.min(pageSize * 2, PAGE_MAX);
    return page;
  }

  private Tuple parameters() {
    Tuple parameters =
        Tuple.of(
            PgValues.instant(range.start().minus(SPAN_MAX)),
            PgValues.instant(range.end()),
            PgValues.instant(range.start()));
    Row from = last;
    boolean newest = direction == Direction.NEWEST_FIRST;
    if (from != null) {
      parameters.addValue(from.getOffsetDateTime(newest ? 1 : 0));
      parameters.addInteger(from.getInteger(2)).addLong(from.getLong(3));
    } else if (newest) {
      parameters.addValue(PgValues.instant(range.end().plus(SPAN_MAX).plus(SPAN_MAX)));
      parameters.addInteger(Integer.MAX_VALUE).addLong(Long.MAX_VALUE);
    } else {
      parameters.addValue(PgValues.instant(Instant.EPOCH)).addInteger(-1).addLong(-1L);
    }
    for (int i = 0; i < filter.size(); i++) {
      parameters.addValue(filter.getValue(i));
    }
    return parameters;
  }

  /** Microseconds are what the database keeps: everything of the segment is before this. */
  static long endNanos(Row row) {
    return micros(row.getOffsetDateTime(1)) * 1_000 + 1_000;
  }

  /** Nothing of the segment is before this. */
  static long startNanos(Row row) {
    return micros(row.getOffsetDateTime(0)) * 1_000;
  }

  private static long micros(OffsetDateTime at) {
    return at.toEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }
}
