package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentWriter.only;
import static dev.tocsin.incident.postgres.IncidentWriter.run;

import dev.tocsin.incident.domain.Decision;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.ports.IncidentStore;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks {@link Escalation} what follows and writes it, one transaction an input. */
final class PostgresIncidentStore implements IncidentStore {
  /** Heartbeats of groups that are not heard of any more; what is open says since when. */
  private static final Duration HEARTBEATS_KEPT = Duration.ofDays(30);

  private final Supplier<Pool> pool;
  private final IncidentWriter writer;

  PostgresIncidentStore(Supplier<Pool> pool, IncidentWriter writer) {
    this.pool = pool;
    this.writer = writer;
  }

  @Override
  public Future<Optional<Change>> acknowledge(long id, String by, String comment) {
    return byPerson(id, (incident, now) -> Escalation.acknowledge(incident, by, comment, now));
  }

  @Override
  public Future<Optional<Change>> resolve(long id, String by, String comment) {
    return byPerson(id, (incident, now) -> Escalation.resolve(incident, by, comment, now));
  }

  private Future<Optional<Change>> byPerson(
      long id, BiFunction<Incident, Instant, Decision> decide) {
    return transaction(
        connection ->
            locked(connection, id)
                .compose(
                    row ->
                        row == null
                            ? Future.succeededFuture(Optional.empty())
                            : decided(connection, row, decide).map(Optional::of)));
  }

  private Future<Change> decided(
      SqlConnection connection, Row row, BiFunction<Incident, Instant, Decision> decide) {
    Incident incident = incident(row);
    return writer.write(connection, incident, decide.apply(incident, instant(row, "now")));
  }

  @Override
  public Future<Optional<Fired>> fireTimer() {
    return transaction(
        connection ->
            connection
                .query(IncidentSql.TIMER_CLAIM)
                .execute()
                .compose(
                    rows ->
                        rows.size() == 0
                            ? Future.succeededFuture(Optional.empty())
                            : fire(connection, only(rows)).map(Optional::of)));
  }

  private Future<Fired> fire(SqlConnection connection, Row timer) {
    Duration lateness = Duration.between(instant(timer, "due_at"), instant(timer, "now"));
    int generation = timer.getInteger("generation");
    return locked(connection, timer.getLong("incident_id"))
        .compose(
            row ->
                row == null
                    ? Future.succeededFuture(new Change(null, List.of()))
                    : decided(
                        connection,
                        row,
                        (incident, now) -> Escalation.timer(incident, generation, now)))
        .compose(
            change ->
                run(connection, IncidentSql.TIMER_DELETE, Tuple.of(timer.getLong("id")))
                    .map(new Fired(change, lateness)));
  }

  private static Future<@Nullable Row> locked(SqlConnection connection, long id) {
    return connection
        .preparedQuery(IncidentSql.LOCK_BY_ID)
        .execute(Tuple.of(id))
        .map(rows -> rows.size() == 0 ? null : only(rows));
  }

  @Override
  public Future<Optional<Duration>> untilNextTimer() {
    return pool.get()
        .query(IncidentSql.TIMERS_BROUGHT_FORWARD)
        .execute()
        .compose(forward -> pool.get().query(IncidentSql.TIMER_NEXT).execute())
        .map(rows -> Optional.ofNullable(only(rows).getLong("wait_ms")).map(Duration::ofMillis));
  }

  @Override
  public Future<Integer> forget(Duration eventIdsAfter, Duration incidentsAfter) {
    return pool.get()
        .preparedQuery(IncidentSql.FORGET_EVENTS)
        .execute(Tuple.of(eventIdsAfter.toSeconds()))
        .compose(
            events ->
                pool.get()
                    .preparedQuery(IncidentSql.FORGET_HEARTBEATS)
                    .execute(Tuple.of(HEARTBEATS_KEPT.toSeconds()))
                    .map(events))
        .compose(
            events ->
                pool.get()
                    .preparedQuery(IncidentSql.FORGET_INCIDENTS)
                    .execute(Tuple.of(incidentsAfter.toSeconds()))
                    .map(incidents -> events.rowCount() + incidents.rowCount()));
  }

  @Override
  public Future<Instant> now() {
    return pool.get().query(IncidentSql.NOW).execute().map(rows -> instant(only(rows), "now"));
  }

  private <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
    return pool.get().withTransaction(work);
  }
}
