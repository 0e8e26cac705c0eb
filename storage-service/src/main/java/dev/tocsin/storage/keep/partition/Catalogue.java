package dev.tocsin.storage.keep.partition;

/** Tables that name what is stored; entries are forgotten when they are not seen any more. */
public enum Catalogue {
  OPERATIONS("operation", "part, service, name, kind"),
  EXCEPTIONS("exception_group", "part, fingerprint"),
  SERIES("series", "part, series_id"),
  METADATA("metric_metadata", "part, id");

  /** Entries deleted by one statement. */
  static final int PRUNED_AT_ONCE = 10_000;

  private static final String PRUNE =
      """
      delete from %1$s where (%2$s) in (
        select %2$s from %1$s where last_seen < $1 limit %3$d) and last_seen < $1\
      """;

  private final String table;
  private final String key;

  Catalogue(String table, String key) {
    this.table = table;
    this.key = key;
  }

  String table() {
    return table;
  }

  /** Deletes some entries last seen before $1. */
  String pruning() {
    return PRUNE.formatted(table, key, PRUNED_AT_ONCE);
  }
}
