package dev.tocsin.storage.postgres;

import dev.tocsin.common.postgres.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Day partitions of the segment tables: made before they are needed, dropped when too old. */
final class Partitions {
  static final String SPANS = "span_seg";
  static final String LOGS = "log_seg";
  static final String METRICS = "metric_block";

  private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;
  private static final Pattern NAME = Pattern.compile("[a-z_]+_(\\d{8})");

  private static final String LIST =
      """
      select child.relname from pg_inherits
      join pg_class child on child.oid = inhrelid
      where inhparent = $1::text::regclass
      order by child.relname
      """;
  // One maker or dropper at a time: two that make the same partition would collide.
  private static final String LOCK =
      "select pg_advisory_xact_lock(hashtext('tocsin/telemetry/partitions'))";
  // Dropping waits for readers; give up soon rather than hold up those behind it.
  private static final String LOCK_TIMEOUT = "set local lock_timeout = '5s'";

  private final Postgres postgres;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  Partitions(Postgres postgres) {
    this.postgres = postgres;
  }

  /** Makes sure that the days of a table exist (UTC). */
  Future<Void> ensure(String table, Collection<LocalDate> days) {
    List<LocalDate> missing =
        days.stream().distinct().filter(day -> !known.contains(name(table, day))).toList();
    if (missing.isEmpty()) {
      return Future.succeededFuture();
    }
    return postgres
        .pool()
        .withTransaction(connection -> create(connection, table, missing))
        .onSuccess(done -> missing.forEach(day -> known.add(name(table, day))));
  }

  private static Future<Void> create(SqlConnection connection, String table, List<LocalDate> days) {
    Future<?> chain = connection.query(LOCK).execute();
    for (LocalDate day : days) {
      String sql =
          "create table if not exists %s partition of %s for values from ('%sT00:00Z') to ('%sT00:00Z')"
              .formatted(name(table, day), table, day, day.plusDays(1));
      chain = chain.compose(done -> connection.query(sql).execute());
    }
    return chain.mapEmpty();
  }

  /** Drops the days before the given one; answers how many went. */
  Future<Integer> dropBefore(String table, LocalDate first) {
    return postgres
        .pool()
        .preparedQuery(LIST)
        .execute(Tuple.of(table))
        .compose(
            rows -> {
              List<String> old = new ArrayList<>();
              for (Row row : rows) {
                String name = row.getString(0);
                if (isBefore(name, first)) {
                  old.add(name);
                }
              }
              Future<Void> chain = Future.succeededFuture();
              for (String name : old) {
                chain = chain.compose(done -> drop(name));
              }
              return chain.map(old.size());
            });
  }

  private Future<Void> drop(String name) {
    known.remove(name);
    return postgres
        .pool()
        .withTransaction(
            connection ->
                connection
                    .query(LOCK_TIMEOUT)
                    .execute()
                    .compose(done -> connection.query(LOCK).execute())
                    .compose(done -> connection.query("drop table if exists " + name).execute())
                    .mapEmpty());
  }

  /** To be called when a write found a partition missing that was believed to be there. */
  void forget() {
    known.clear();
  }

  private static boolean isBefore(String partition, LocalDate first) {
    var matcher = NAME.matcher(partition);
    return matcher.matches() && LocalDate.parse(matcher.group(1), DAY).isBefore(first);
  }

  private static String name(String table, LocalDate day) {
    return table + "_" + DAY.format(day);
  }
}
