package dev.tocsin.storage.keep.merge;

import dev.tocsin.storage.keep.partition.Partitions;

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

  /** What rows that do not say are taken for; a merge notices when one is more. */
  private static final int UNPACKED_GUESS = 20;

  private static final String HOURS =
      """
      select date_trunc('hour', s.min_ts, 'UTC'), %s::smallint, count(*) from %s
      where %s and s.max_ts >= $1 and s.max_ts < $2 and s.min_ts >= $1 and %s <= $3::bigint / 2
      group by 1, 2 having count(*) > 1 order by 1 limit 100
      """;

  private static final String ROWS =
      """
      select %1$s from (
        select s.*%2$s, sum(s.n) over running as items, sum(%3$s) over running as bytes, row_number() over running as place
        from %4$s
        where %5$s and s.max_ts >= $1 and s.max_ts < $2 and s.min_ts >= $1 and s.min_ts < $2
          and %3$s <= $4::bigint / 2
        window running as (order by %6$s)) as candidate
      where (items <= $3::bigint and bytes <= $4::bigint) or place <= 2 order by place limit %7$d
      """;

  private MergeSql() {}

  /**
   * Hours (and sources of blocks) with more than one small segment between $1 and $2 of at most
   * half of $3 bytes, the oldest first, and how many.
   */
  static String hours(MergeStore.Kind kind) {
    return HOURS.formatted(
        kind == MergeStore.Kind.SAMPLES ? "s.source" : "0", from(kind), small(kind), bytes(kind));
  }

  /**
   * Such segments of the hour from $1 to $2 with up to $3 items and $4 bytes together, two at
   * least; of blocks, from the source $5.
   */
  static String rows(MergeStore.Kind kind) {
    boolean samples = kind == MergeStore.Kind.SAMPLES;
    return ROWS.formatted(
        switch (kind) {
          case SPANS -> "part, min_ts, id, fmt, core, ids, attrs, events";
          case LOGS -> "part, min_ts, id, fmt, meta, body, attrs";
          case SAMPLES -> "part, min_ts, source, id, max_ts, fmt, metrics, data, raw, as_of";
        },
        samples ? ", d.as_of" : "",
        bytes(kind),
        from(kind),
        samples ? small(kind) + " and s.source = $5" : small(kind),
        samples ? "s.part, s.min_ts, s.id" : "s.min_ts, s.part, s.id",
        ROWS_MAX);
  }

  /** What a row takes unpacked, or packed if that is more. */
  private static String bytes(MergeStore.Kind kind) {
    String packed =
        switch (kind) {
          case SPANS ->
              "octet_length(s.core) + octet_length(s.ids) + octet_length(s.attrs) + octet_length(s.events)";
          case LOGS -> "octet_length(s.meta) + octet_length(s.body) + octet_length(s.attrs)";
          case SAMPLES -> "octet_length(s.data) + octet_length(s.raw)";
        };
    return "greatest(coalesce(s.unpacked, %1$d * (%2$s)::bigint), %2$s)"
        .formatted(UNPACKED_GUESS, packed);
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
