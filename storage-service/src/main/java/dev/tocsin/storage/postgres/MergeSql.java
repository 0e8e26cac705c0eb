package dev.tocsin.storage.postgres;

import dev.tocsin.storage.merge.MergeStore;

/**
 * What merging asks. Small segments are found by the partial indexes of {@code V003__merging.sql},
 * whose conditions stand here again. A segment lies within one hour.
 */
final class MergeSql {
  private static final int ROWS_MAX = 1_000;

  static final String METRIC_NAMES =
      "select distinct on (series_id) series_id, metric from series where series_id = any($1)";

  private static final String SMALL = "s.id >= 0 and s.n < 2000";

  /** Blocks before the snapshot of totals; see {@link PgMergeStore}. */
  private static final String SETTLED = "s.id >= 0 and (d.as_of is null or s.id < d.as_of)";

  private static final String HOURS =
      """
      select date_trunc('hour', s.min_ts, 'UTC'), %s::smallint from %s
      where %s and s.max_ts >= $1 and s.max_ts < $2 and s.min_ts >= $1
      group by 1, 2 having count(*) > 1 order by 1 limit 100
      """;

  private static final String ROWS =
      """
      select * from (
        select %s, sum(s.n) over (order by %s) as upto from %s
        where %s and s.max_ts >= $1 and s.max_ts < $2 and s.min_ts >= $1 and s.min_ts < $2) as candidate
      where upto <= $3::bigint order by upto limit %d
      """;

  private MergeSql() {}

  /**
   * Hours (and sources of blocks) with more than one small segment between $1 and $2, the oldest
   * first.
   */
  static String hours(MergeStore.Kind kind) {
    return HOURS.formatted(
        kind == MergeStore.Kind.SAMPLES ? "s.source" : "0", from(kind), small(kind));
  }

  /**
   * Small segments of the hour from $1 to $2 with up to $3 items together; of blocks, from the
   * source $4.
   */
  static String rows(MergeStore.Kind kind) {
    return switch (kind) {
      case SPANS ->
          ROWS.formatted(
              "s.part, s.min_ts, s.id, s.fmt, s.core, s.ids, s.attrs, s.events",
              "s.min_ts, s.part, s.id",
              from(kind),
              small(kind),
              ROWS_MAX);
      case LOGS ->
          ROWS.formatted(
              "s.part, s.min_ts, s.id, s.fmt, s.meta, s.body, s.attrs",
              "s.min_ts, s.part, s.id",
              from(kind),
              small(kind),
              ROWS_MAX);
      case SAMPLES ->
          ROWS.formatted(
              "s.part, s.min_ts, s.source, s.id, s.max_ts, s.fmt, s.metrics, s.data, s.raw, d.as_of",
              "s.part, s.min_ts, s.id",
              from(kind),
              small(kind) + " and s.source = $4",
              ROWS_MAX);
    };
  }

  private static String from(MergeStore.Kind kind) {
    return switch (kind) {
      case SPANS -> Partitions.SPANS + " s";
      case LOGS -> Partitions.LOGS + " s";
      case SAMPLES ->
          Partitions.METRICS
              + " s left join delta_state d on d.part = s.part and d.source = s.source";
    };
  }

  private static String small(MergeStore.Kind kind) {
    return kind == MergeStore.Kind.SAMPLES ? SETTLED : SMALL;
  }

  /** Deletes rows by their keys: parts $1, times $2, ids $3, and the source $4 of blocks. */
  static String delete(String table) {
    return """
        delete from %s t using unnest($1::int[], $2::timestamptz[], $3::bigint[]) as k (part, min_ts, id)
        where t.part = k.part and t.min_ts = k.min_ts and t.id = k.id
          and t.min_ts >= (select min(m) from unnest($2::timestamptz[]) m)
          and t.min_ts <= (select max(m) from unnest($2::timestamptz[]) m)%s
        """
        .formatted(table, table.equals(Partitions.METRICS) ? " and t.source = $4" : "");
  }
}
