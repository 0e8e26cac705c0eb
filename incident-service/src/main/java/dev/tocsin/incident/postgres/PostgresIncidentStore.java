package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentRows.time;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.incident.IncidentStore;
import dev.tocsin.incident.domain.Decision;
import dev.tocsin.incident.domain.Effect;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Transition;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks {@link Escalation} what follows and writes it, one transaction an input. */
final class PostgresIncidentStore implements IncidentStore {
  private static final String TOPIC = Topic.ALERTS.name();

  private final Supplier<Pool> pool;
  private final EscalationPolicy policy;
  private final Map<String, List<String>> targets;

  /**
   * @param policy of incidents to be opened
   * @param targets of each channel
   */
  PostgresIncidentStore(
      Supplier<Pool> pool, EscalationPolicy policy, Map<String, List<String>> targets) {
    this.pool = pool;
    this.policy = policy;
    this.targets = targets;
  }

  @Override
  public Future<Long> nextOffset(int partition, long first) {
    return pool.get()
        .preparedQuery(IncidentSql.OFFSET_ENTER)
        .execute(Tuple.of(TOPIC, partition, first))
        .map(rows -> only(rows).getLong(0));
  }

  @Override
  public Future<Change> alert(Position position, AlertEvent event) {
    return transaction(c -> move(c, position).compose(moved -> takeIn(c, event)))
        .recover(PostgresIncidentStore::classify);
  }

  private Future<Change> takeIn(SqlConnection connection, AlertEvent event) {
    return connection
        .preparedQuery(IncidentSql.EVENT_SEEN)
        .execute(Tuple.of(event.eventId()))
        .compose(
            rows -> {
              Row seen = only(rows);
              if (!seen.getBoolean("fresh")) {
                return Future.succeededFuture(new Change(null, List.of()));
              }
              Instant now = instant(seen, "now");
              return connection
                  .preparedQuery(IncidentSql.LOCK_OPEN_BY_FINGERPRINT)
                  .execute(Tuple.of(event.fingerprint()))
                  .map(open -> open.size() == 0 ? null : incident(only(open)))
                  .map(open -> Escalation.alert(open, event, policy, now))
                  .compose(decision -> write(connection, decision));
            });
  }

  @Override
  public Future<Void> skip(Position position) {
    return pool.get().withConnection(connection -> move(connection, position));
  }

  private static Future<Void> move(SqlConnection connection, Position position) {
    return connection
        .preparedQuery(IncidentSql.OFFSET_MOVE)
        .execute(Tuple.of(TOPIC, position.partition(), position.expected(), position.next()))
        .compose(
            rows ->
                rows.rowCount() == 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(new FencedException(position)));
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
                            : write(connection, decide.apply(incident(row), instant(row, "now")))
                                .map(Optional::of)));
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
        .map(
            row ->
                row == null
                    ? new Decision(null, List.of())
                    : Escalation.timer(incident(row), generation, instant(row, "now")))
        .compose(decision -> write(connection, decision))
        .compose(
            change ->
                connection
                    .preparedQuery(IncidentSql.TIMER_DELETE)
                    .execute(Tuple.of(timer.getLong("id")))
                    .map(new Fired(change, lateness)));
  }

  private static Future<@Nullable Row> locked(SqlConnection connection, long id) {
    return connection
        .preparedQuery(IncidentSql.LOCK_BY_ID)
        .execute(Tuple.of(id))
        .map(rows -> rows.size() == 0 ? null : only(rows));
  }

  private Future<Change> write(SqlConnection connection, Decision decision) {
    Incident incident = decision.incident();
    Change change = new Change(incident, decision.transitions());
    if (incident == null || decision.effects().isEmpty()) {
      return Future.succeededFuture(change);
    }
    Future<Incident> stored =
        incident.id() == 0
            ? connection
                .preparedQuery(IncidentSql.INSERT)
                .execute(IncidentRows.inserted(incident))
                .map(rows -> incident.withId(only(rows).getLong("id")))
            : connection
                .preparedQuery(IncidentSql.UPDATE)
                .execute(IncidentRows.updated(incident))
                .map(incident);
    return stored.compose(
        saved ->
            effects(connection, saved, decision)
                .compose(v -> connection.query(IncidentSql.WAKE).execute())
                .map(new Change(saved, decision.transitions())));
  }

  private Future<Void> effects(SqlConnection connection, Incident incident, Decision decision) {
    Future<Void> chain = Future.succeededFuture();
    for (Transition transition : decision.transitions()) {
      if (!transition.page()) {
        boolean ended = transition == Transition.RESOLVED;
        Tuple what = Tuple.of(incident.id(), "the incident is " + transition.text(), ended);
        chain = chain.compose(v -> run(connection, IncidentSql.SUPERSEDE_WAITING, what));
      }
    }
    for (Effect effect : decision.effects()) {
      chain = chain.compose(v -> effect(connection, incident, effect));
    }
    return chain;
  }

  private Future<Void> effect(SqlConnection connection, Incident incident, Effect effect) {
    long id = incident.id();
    if (effect instanceof Effect.Note note) {
      Tuple entry = Tuple.of(id, note.kind(), note.actor(), note.text());
      return run(connection, IncidentSql.NOTE, entry);
    }
    if (effect instanceof Effect.ArmTimer timer) {
      Tuple armed = Tuple.of(id, timer.generation(), time(timer.dueAt()));
      return run(connection, IncidentSql.ARM_TIMER, armed);
    }
    if (effect instanceof Effect.Publish publish) {
      String transition = publish.transition().text();
      Tuple event = Tuple.of(id, "kafka", "", transition, 0, publish.actor());
      return run(connection, IncidentSql.NOTIFY, event.addString(""));
    }
    Effect.Notify notify = (Effect.Notify) effect;
    String transition = notify.transition().text();
    if (!notify.transition().page()) {
      Tuple told = Tuple.of(id, notify.channel(), transition, notify.actor(), notify.comment());
      return run(connection, IncidentSql.NOTIFY_PAGED, told);
    }
    Future<Void> chain = Future.succeededFuture();
    for (String target : targets.getOrDefault(notify.channel(), List.of())) {
      Tuple page =
          Tuple.of(id, notify.channel(), target, transition, notify.step(), notify.actor())
              .addString(notify.comment());
      chain = chain.compose(v -> run(connection, IncidentSql.NOTIFY, page));
    }
    return chain;
  }

  private static Future<Void> run(SqlConnection connection, String sql, Tuple parameters) {
    return connection.preparedQuery(sql).execute(parameters).mapEmpty();
  }

  @Override
  public Future<Optional<Duration>> untilNextTimer() {
    return pool.get()
        .query(IncidentSql.TIMER_NEXT)
        .execute()
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

  private static Row only(RowSet<Row> rows) {
    return rows.iterator().next();
  }

  /** Class 22 is data that Postgres cannot hold, such as a NUL in a text. */
  private static <T> Future<T> classify(Throwable failure) {
    boolean data =
        failure instanceof PgException pg
            && pg.getSqlState() != null
            && pg.getSqlState().startsWith("22");
    return Future.failedFuture(data ? new UnstorableException(failure) : failure);
  }
}
