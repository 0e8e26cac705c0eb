package dev.tocsin.storage.postgres;

import dev.tocsin.storage.TimeRange;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Segments of a time range, the one with the newest item first, in pages of a few so that a search
 * that has enough reads no more. Used by one thread.
 */
final class NewestFirst {
  static final int PAGE = 12;

  /**
   * Segments span at most an hour; the partition of one begins at most so long before its items.
   */
  static final Duration SPAN_MAX = Duration.ofHours(1);

  private final Pool pool;
  private final Budget budget;
  private final String sql;
  private final Tuple filter;
  private final TimeRange range;
  private final Deque<Row> page = new ArrayDeque<>();
  private @Nullable Row last;
  private boolean ended;

  /**
   * @param columns of the segment, read by position from 3 on; 0 to 2 are max_ts, part, id
   * @param where conditions with parameters from $7 on, each beginning with {@code and}
   */
  NewestFirst(
      Pool pool,
      Budget budget,
      String table,
      String columns,
      String where,
      Tuple filter,
      TimeRange range) {
    this.pool = pool;
    this.budget = budget;
    this.filter = filter;
    this.range = range;
    this.sql =
        """
        select max_ts, part, id, %s from %s
        where min_ts >= $1 and min_ts <= $2 and max_ts >= $3
          and (max_ts, part, id) < ($4, $5, $6) %s
        order by max_ts desc, part desc, id desc limit %d
        """
            .formatted(columns, table, where, PAGE);
  }

  /** The next segment, or null when there is none. */
  @Nullable Row next() throws Exception {
    if (page.isEmpty() && !ended) {
      fetch();
    }
    Row row = page.poll();
    last = row == null ? last : row;
    return row;
  }

  /** Microseconds are what the database keeps: everything of the row is before the next one. */
  static long endNanos(Row row) {
    OffsetDateTime max = row.getOffsetDateTime(0);
    return (max.toEpochSecond() * 1_000_000 + max.getNano() / 1_000 + 1) * 1_000;
  }

  private void fetch() throws Exception {
    Row from = last;
    Tuple parameters =
        Tuple.of(
            PgValues.instant(range.start().minus(SPAN_MAX)),
            PgValues.instant(range.end()),
            PgValues.instant(range.start()));
    if (from == null) {
      parameters.addValue(PgValues.instant(range.end().plus(SPAN_MAX).plus(SPAN_MAX)));
      parameters.addInteger(Integer.MAX_VALUE).addLong(Long.MAX_VALUE);
    } else {
      parameters.addValue(from.getOffsetDateTime(0));
      parameters.addInteger(from.getInteger(1)).addLong(from.getLong(2));
    }
    for (int i = 0; i < filter.size(); i++) {
      parameters.addValue(filter.getValue(i));
    }
    RowSet<Row> rows = budget.select(pool, sql, parameters);
    rows.forEach(page::add);
    ended = rows.size() < PAGE;
  }
}
