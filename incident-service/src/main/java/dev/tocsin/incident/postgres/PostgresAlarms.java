package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentRows.instantOrNull;
import static dev.tocsin.incident.postgres.IncidentWriter.only;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.postgres.PostgresFailures;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.domain.SourceLife;
import dev.tocsin.incident.ports.Alarms;
import dev.tocsin.incident.ports.IncidentStore.Change;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Alarms as incidents under fingerprints of their own. */
final class PostgresAlarms implements Alarms {
  private static final int OPEN_SHOWN_MAX = 50;
  private static final String SILENT =
      SelfAlarm.fingerprint(SelfAlarm.Kind.SOURCE_SILENT, "") + "/";
  private static final String REFUSED = SelfAlarm.fingerprint(SelfAlarm.Kind.PAGES_REFUSED, "");

  private final Supplier<Pool> pool;
  private final IncidentWriter writer;

  PostgresAlarms(Supplier<Pool> pool, IncidentWriter writer) {
    this.pool = pool;
    this.writer = writer;
  }

  @Override
  public Future<Change> raise(SelfAlarm alarm) {
    return raiseOnce(alarm)
        .recover(
            failure ->
                PostgresFailures.alreadyThere(failure)
                    ? raiseOnce(alarm)
                    : Future.failedFuture(failure));
  }

  private Future<Change> raiseOnce(SelfAlarm alarm) {
    return pool.get().withTransaction(connection -> writer.raise(connection, alarm));
  }

  @Override
  public Future<Watched> watch() {
    List<Change> changes = new ArrayList<>();
    return pool.get()
        .withTransaction(connection -> listen(connection, changes))
        .compose(v -> pool.get().withTransaction(connection -> compare(connection, changes)));
  }

  /** Marks incidents of which nothing is heard any more. */
  private Future<Void> listen(SqlConnection connection, List<Change> changes) {
    Tuple wanted = Tuple.of(Topic.ALERTS.name(), SourceLife.SILENT_AFTER.toMillis());
    return connection
        .preparedQuery(AlarmSql.QUIET)
        .execute(wanted)
        .compose(rows -> each(rows, row -> listened(connection, row), changes));
  }

  private Future<Change> listened(SqlConnection connection, Row row) {
    Incident incident = incident(row);
    SourceLife.Listened listened =
        new SourceLife.Listened(
            row.getString("beat_source"),
            instantOrNull(row, "beat_at"),
            instantOrNull(row, "heard_at"),
            instant(row, "listening_since"),
            instant(row, "read_at"),
            instant(row, "held_until"));
    return writer.write(connection, incident, SourceLife.listened(incident, listened));
  }

  private record Unreached(Incident incident, String answers, Instant since) {
    String text() {
      return "incident %d (%s) has reached nobody: %s"
          .formatted(incident.id(), incident.title(), answers);
    }

    SelfAlarm alarm() {
      return SelfAlarm.pagesRefused(incident, answers, since);
    }

    /** An alarm about an alarm would be refused as well, and so on. */
    boolean isAlarm() {
      return incident.fingerprint().startsWith(SelfAlarm.PREFIX);
    }
  }

  private record SilentGroup(String group, String source, Instant since) {
    String fingerprint() {
      return StorableAlert.fingerprint(SelfAlarm.fingerprint(SelfAlarm.Kind.SOURCE_SILENT, group));
    }
  }

  /** Raises what has to be, and ends what need not be any more. */
  private Future<Watched> compare(SqlConnection connection, List<Change> changes) {
    return silentGroups(connection)
        .compose(
            silent ->
                unreached(connection)
                    .compose(unreached -> compare(connection, silent, unreached, changes)));
  }

  private Future<Watched> compare(
      SqlConnection connection,
      List<SilentGroup> silent,
      List<Unreached> unreached,
      List<Change> changes) {
    return connection
        .query(AlarmSql.TURN)
        .execute()
        .compose(
            turn ->
                only(turn).getBoolean("mine")
                    ? raiseAll(connection, silent, unreached, changes)
                        .compose(v -> endOthers(connection, silent, unreached, changes))
                    : Future.succeededFuture())
        .compose(v -> open(connection))
        .map(
            open ->
                new Watched(
                    changes,
                    shown(open),
                    silent.size(),
                    unreached.stream().map(Unreached::text).toList()));
  }

  private static Future<List<Unreached>> unreached(SqlConnection connection) {
    return connection
        .query(AlarmSql.UNREACHED)
        .execute()
        .map(
            rows -> {
              List<Unreached> unreached = new ArrayList<>();
              rows.forEach(
                  row ->
                      unreached.add(
                          new Unreached(
                              incident(row), row.getString("answers"), instant(row, "since"))));
              return unreached;
            });
  }

  private static Future<List<SilentGroup>> silentGroups(SqlConnection connection) {
    return connection
        .query(AlarmSql.SILENT_GROUPS)
        .execute()
        .map(
            rows -> {
              List<SilentGroup> groups = new ArrayList<>();
              rows.forEach(
                  row ->
                      groups.add(
                          new SilentGroup(
                              row.getString("rule_group"),
                              row.getString("source"),
                              instant(row, "since"))));
              return groups;
            });
  }

  private Future<Void> raiseAll(
      SqlConnection connection,
      List<SilentGroup> silent,
      List<Unreached> unreached,
      List<Change> changes) {
    Stream<SelfAlarm> ofGroups =
        silent.stream()
            .map(group -> SelfAlarm.sourceSilent(group.group, group.source, group.since));
    Stream<SelfAlarm> ofPages =
        unreached.stream().filter(one -> !one.isAlarm()).map(Unreached::alarm);
    return each(
        Stream.concat(ofGroups, ofPages).toList(),
        alarm -> writer.raise(connection, alarm),
        changes);
  }

  private Future<Void> endOthers(
      SqlConnection connection,
      List<SilentGroup> silent,
      List<Unreached> unreached,
      List<Change> changes) {
    Set<String> still = silent.stream().map(SilentGroup::fingerprint).collect(Collectors.toSet());
    if (unreached.stream().anyMatch(one -> !one.isAlarm())) {
      still.add(REFUSED);
    }
    return open(connection)
        .map(
            open ->
                open.stream()
                    .filter(
                        incident ->
                            incident.fingerprint().startsWith(SILENT)
                                || incident.fingerprint().equals(REFUSED))
                    .filter(incident -> !still.contains(incident.fingerprint()))
                    .toList())
        .compose(over -> each(over, incident -> end(connection, incident), changes));
  }

  private Future<Change> end(SqlConnection connection, Incident seen) {
    String text =
        seen.fingerprint().equals(REFUSED)
            ? "the pages were taken after all, or somebody has seen to the incidents"
            : "the source speaks again, or nothing that is open depends on it";
    return connection
        .preparedQuery(IncidentSql.LOCK_BY_ID)
        .execute(Tuple.of(seen.id()))
        .compose(
            rows -> {
              Row row = only(rows);
              Incident incident = incident(row);
              return writer.write(
                  connection,
                  incident,
                  Escalation.resolve(incident, Escalation.ALERT, text, instant(row, "now")));
            });
  }

  private static Future<List<Incident>> open(SqlConnection connection) {
    return connection
        .preparedQuery(AlarmSql.OPEN)
        .execute(Tuple.of(SelfAlarm.PREFIX))
        .map(
            rows -> {
              List<Incident> open = new ArrayList<>();
              rows.forEach(row -> open.add(incident(row)));
              return open;
            });
  }

  private static List<String> shown(List<Incident> open) {
    return open.stream()
        .limit(OPEN_SHOWN_MAX)
        .map(incident -> incident.title() + " (incident " + incident.id() + ")")
        .toList();
  }

  private static <T> Future<Void> each(
      Iterable<T> items, Function<T, Future<Change>> action, List<Change> changes) {
    Future<Void> chain = Future.succeededFuture();
    for (T item : items) {
      chain = chain.compose(v -> action.apply(item)).onSuccess(changes::add).mapEmpty();
    }
    return chain;
  }
}
