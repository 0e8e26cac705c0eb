package dev.tocsin.storage.keep.partition;

import dev.tocsin.common.postgres.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Day partitions of the tables: made before they are needed, dropped when too old or too much. */
public final class Partitions {
  public static final String SPANS = "span_seg";
  public static final String LOGS = "log_seg";
  public static final String METRICS = "metric_block";
  public static final String RED = "span_red";
  public static final String TRACES = "trace_summary";
  public static final String EDGES = "service_edge";
  public static final String EXCEPTIONS = "exception_minute";

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

  /** Every table that has days. */
  static final List<String> TABLES = List.of(SPANS, LOGS, METRICS, RED, TRACES, EDGES, EXCEPTIONS);

  /** Tables whose rows are added to in place, for which a page needs room. */
  private static final Set<String> ADDED_TO = Set.of(RED, EDGES, EXCEPTIONS);

  private static final String ADDED_TO_STORAGE = " with (fillfactor = 75)";

  /**
   * Columns of long arrays, of which no statistics are to be made: each analysis would count every
   * element of a day, which took longer than storing them. Nothing is planned by them.
   */
  private static final Map<String, List<String>> NOT_ANALYSED =
      Map.of(
          SPANS,
          List.of("trace_hash"),
          LOGS,
          List.of("trace_hash"),
          RED,
          List.of("op", "status", "bucket", "calls", "sum_ns"),
          TRACES,
          List.of("trace_id", "start_us", "duration_us", "spans", "errors", "root", "services"));

  private static final String LIST_ALL =
      """
      select child.relname from pg_inherits
      join pg_class child on child.oid = inhrelid
      where inhparent in (%s)
      """
          .formatted(
              TABLES.stream()
                  .map(table -> "'" + table + "'::regclass")
                  .collect(Collectors.joining(", ")));
  private static final String SIZE = "select pg_database_size(current_database())";

  private record Partition(String table, LocalDate day) {
    String name() {
      return table + "_" + DAY.format(day);
    }
  }

  private final Postgres postgres;
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  public Partitions(Postgres postgres) {
    this.postgres = postgres;
  }

  /** Makes sure that the days of the tables exist (UTC). */
  public Future<Void> ensure(Collection<String> tables, Collection<LocalDate> days) {
    List<Partition> missing = new ArrayList<>();
    for (String table : tables) {
      for (LocalDate day : new TreeSet<>(days)) {
        Partition partition = new Partition(table, day);
        if (!known.contains(partition.name())) {
          missing.add(partition);
        }
      }
    }
    if (missing.isEmpty()) {
      return Future.succeededFuture();
    }
    return postgres
        .pool()
        .withTransaction(connection -> create(connection, missing))
        .onSuccess(done -> missing.forEach(partition -> known.add(partition.name())));
  }

  private static Future<Void> create(SqlConnection connection, List<Partition> missing) {
    Future<?> chain = connection.query(LOCK).execute();
    for (Partition partition : missing) {
      String sql =
          "create table if not exists %s partition of %s for values from ('%sT00:00Z') to ('%sT00:00Z')%s"
              .formatted(
                  partition.name(),
                  partition.table,
                  partition.day,
                  partition.day.plusDays(1),
                  ADDED_TO.contains(partition.table) ? ADDED_TO_STORAGE : "");
      chain = chain.compose(done -> connection.query(sql).execute());
      List<String> columns = NOT_ANALYSED.getOrDefault(partition.table, List.of());
      if (!columns.isEmpty()) {
        String settings =
            columns.stream()
                .map(column -> "alter " + column + " set statistics 0")
                .collect(Collectors.joining(", "));
        String alter = "alter table " + partition.name() + " " + settings;
        chain = chain.compose(done -> connection.query(alter).execute());
      }
    }
    return chain.mapEmpty();
  }

  /**
   * Drops the days before the given one; those that cannot be dropped now stay, and do not keep the
   * others.
   */
  public Future<Dropped> dropBefore(String table, LocalDate first) {
    return postgres
        .pool()
        .preparedQuery(LIST)
        .execute(Tuple.of(table))
        .compose(
            rows -> {
              Future<Dropped> chain = Future.succeededFuture(new Dropped(0, List.of()));
              for (Row row : rows) {
                String name = row.getString(0);
                if (isBefore(name, first)) {
                  chain =
                      chain.compose(
                          sum ->
                              drop(name)
                                  .map(done -> sum.andOne())
                                  .otherwise(e -> sum.but(name + ": " + e.getMessage())));
                }
              }
              return chain;
            });
  }

  /**
   * What became of old days.
   *
   * @param days how many went
   * @param failures those that did not, and why
   */
  public record Dropped(int days, List<String> failures) {
    Dropped andOne() {
      return new Dropped(days + 1, failures);
    }

    Dropped but(String failure) {
      List<String> all = new ArrayList<>(failures);
      all.add(failure);
      return new Dropped(days, List.copyOf(all));
    }
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

  /** Bytes the whole database takes on disk. */
  Future<Long> databaseSize() {
    return postgres.pool().query(SIZE).execute().map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Drops the oldest day of all tables if the database is larger than allowed; answers which went.
   * Nothing goes when only days from {@code keep} on are left.
   */
  Future<Optional<LocalDate>> dropOldestDay(long sizeMax, LocalDate keep) {
    return postgres
        .pool()
        .withTransaction(
            connection ->
                connection
                    .query(LOCK_TIMEOUT)
                    .execute()
                    .compose(done -> connection.query(LOCK).execute())
                    // Asked under the lock: another instance may just have made room.
                    .compose(done -> connection.query(SIZE).execute())
                    .compose(
                        rows ->
                            rows.iterator().next().getLong(0) <= sizeMax
                                ? Future.succeededFuture(Optional.empty())
                                : dropOldest(connection, keep)));
  }

  private Future<Optional<LocalDate>> dropOldest(SqlConnection connection, LocalDate keep) {
    return connection
        .query(LIST_ALL)
        .execute()
        .compose(
            rows -> {
              TreeMap<LocalDate, List<String>> days = new TreeMap<>();
              for (Row row : rows) {
                String name = row.getString(0);
                day(name)
                    .filter(day -> day.isBefore(keep))
                    .ifPresent(day -> days.computeIfAbsent(day, d -> new ArrayList<>()).add(name));
              }
              if (days.isEmpty()) {
                return Future.succeededFuture(Optional.<LocalDate>empty());
              }
              List<String> names = days.firstEntry().getValue();
              names.forEach(known::remove);
              return connection
                  .query("drop table if exists " + String.join(", ", names))
                  .execute()
                  .map(Optional.of(days.firstKey()));
            });
  }

  /**
   * Forgets entries of a catalogue not seen since, some at a time: no statement takes long, and
   * what is gone is gone when a later one fails.
   *
   * @return how many went
   */
  Future<Long> prune(Catalogue catalogue, OffsetDateTime before) {
    return prune(catalogue.pruning(), before, 0);
  }

  private Future<Long> prune(String sql, OffsetDateTime before, long gone) {
    return postgres
        .pool()
        .preparedQuery(sql)
        .execute(Tuple.of(before))
        .compose(
            rows -> {
              long all = gone + rows.rowCount();
              return rows.rowCount() < Catalogue.PRUNED_AT_ONCE
                  ? Future.succeededFuture(all)
                  : prune(sql, before, all);
            });
  }

  /** To be called when a write found a partition missing that was believed to be there. */
  public void forget() {
    known.clear();
  }

  private static boolean isBefore(String partition, LocalDate first) {
    return day(partition).filter(day -> day.isBefore(first)).isPresent();
  }

  private static Optional<LocalDate> day(String partition) {
    Matcher matcher = NAME.matcher(partition);
    return matcher.matches()
        ? Optional.of(LocalDate.parse(matcher.group(1), DAY))
        : Optional.empty();
  }
}
