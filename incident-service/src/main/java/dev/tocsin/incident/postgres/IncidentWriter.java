package dev.tocsin.incident.postgres;

import static dev.tocsin.incident.postgres.IncidentRows.incident;
import static dev.tocsin.incident.postgres.IncidentRows.instant;
import static dev.tocsin.incident.postgres.IncidentRows.time;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.incident.domain.Decision;
import dev.tocsin.incident.domain.Effect;
import dev.tocsin.incident.domain.Escalation;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.SelfAlarm;
import dev.tocsin.incident.domain.Statement;
import dev.tocsin.incident.domain.Transition;
import dev.tocsin.incident.ports.IncidentStore.Change;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes what was decided, within the transaction of whoever asks. */
final class IncidentWriter {
  private final EscalationPolicy policy;
  private final Map<String, List<String>> targets;

  /**
   * @param policy of incidents to be opened
   * @param targets of each channel
   */
  IncidentWriter(EscalationPolicy policy, Map<String, List<String>> targets) {
    this.policy = policy;
    this.targets = targets;
  }

  EscalationPolicy policy() {
    return policy;
  }

  /** The unresolved incident of the fingerprint, locked; null when there is none. */
  static Future<@Nullable Incident> lockOpen(SqlConnection connection, String fingerprint) {
    return connection
        .preparedQuery(IncidentSql.LOCK_OPEN_BY_FINGERPRINT)
        .execute(Tuple.of(fingerprint))
        .map(rows -> rows.size() == 0 ? null : incident(only(rows)));
  }

  /** Opens an incident about ourselves, or notes the alarm in the open one; once an alarm. */
  Future<Change> raise(SqlConnection connection, SelfAlarm alarm) {
    AlertEvent event = StorableAlert.of(alarm.event());
    String id = PostgresText.key(alarm.eventId(), PostgresText.KEY_BYTES_MAX);
    return connection
        .preparedQuery(IntakeSql.EVENT_SEEN)
        .execute(Tuple.tuple().addString(id).addValue(null))
        .compose(
            rows -> {
              Row seen = only(rows);
              if (!seen.getBoolean("fresh")) {
                return Future.succeededFuture(new Change(null, List.of()));
              }
              Instant now = instant(seen, "now");
              return lockOpen(connection, event.fingerprint())
                  .compose(
                      open -> write(connection, open, Escalation.alarm(open, event, policy, now)));
            });
  }

  /**
   * @param before as it is stored; null when there is none yet
   */
  Future<Change> write(SqlConnection connection, @Nullable Incident before, Decision decision) {
    Incident incident = decision.incident();
    Change change = new Change(incident, decision.transitions());
    if (incident == null || decision.effects().isEmpty()) {
      return Future.succeededFuture(change);
    }
    return row(connection, before, incident)
        .compose(
            saved ->
                effects(connection, saved, decision)
                    .compose(v -> wake(connection, decision))
                    .map(new Change(saved, decision.transitions())));
  }

  private static Future<Incident> row(
      SqlConnection connection, @Nullable Incident before, Incident incident) {
    if (before == null) {
      return connection
          .preparedQuery(IncidentSql.INSERT)
          .execute(IncidentRows.inserted(incident))
          .map(rows -> incident.withId(only(rows).getLong("id")));
    }
    return before.sameApartFromSource(incident)
        ? Future.succeededFuture(incident)
        : run(connection, IncidentSql.UPDATE, IncidentRows.updated(incident)).map(incident);
  }

  private static Future<Void> wake(SqlConnection connection, Decision decision) {
    boolean wakes =
        decision.effects().stream()
            .anyMatch(
                effect ->
                    effect instanceof Effect.Publish
                        || effect instanceof Effect.Notify
                        || effect instanceof Effect.ArmTimer);
    return wakes
        ? connection.query(IncidentSql.WAKE).execute().mapEmpty()
        : Future.succeededFuture();
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
      Tuple entry = Tuple.of(id, note.kind(), text(note.actor()), text(note.text()));
      return run(connection, IncidentSql.NOTE, entry);
    }
    if (effect instanceof Effect.ArmTimer timer) {
      Tuple armed = Tuple.of(id, timer.generation(), time(timer.dueAt()));
      return run(connection, IncidentSql.ARM_TIMER, armed);
    }
    if (effect instanceof Effect.Publish publish) {
      String transition = publish.transition().text();
      Tuple event = Tuple.of(id, "kafka", "", transition, 0, text(publish.actor()));
      return run(connection, IncidentSql.NOTIFY, event.addString(""));
    }
    if (effect instanceof Effect.Notify notify) {
      return notify(connection, id, notify);
    }
    return ofSource(connection, incident, effect);
  }

  private static Future<Void> ofSource(SqlConnection connection, Incident incident, Effect effect) {
    long id = incident.id();
    Statement statement = incident.statement();
    if (effect instanceof Effect.Restate && statement != null) {
      return run(connection, IncidentSql.RESTATE, IncidentRows.restated(incident, statement));
    }
    if (effect instanceof Effect.MarkSilent silent) {
      return run(connection, IncidentSql.MARK_SILENT, Tuple.of(id, time(silent.since())));
    }
    if (effect instanceof Effect.Expire expire) {
      Tuple ended = Tuple.of(expire.eventId(), time(expire.endsAt()));
      return run(connection, IntakeSql.EVENT_ENDED, ended);
    }
    return run(connection, IncidentSql.MARK_HEARD, Tuple.of(id));
  }

  private Future<Void> notify(SqlConnection connection, long id, Effect.Notify notify) {
    String transition = notify.transition().text();
    String actor = text(notify.actor());
    String comment = text(notify.comment());
    if (!notify.transition().page()) {
      Tuple told = Tuple.of(id, notify.channel(), transition, actor, comment);
      return run(connection, IncidentSql.NOTIFY_PAGED, told);
    }
    Future<Void> chain = Future.succeededFuture();
    for (String target : targets.getOrDefault(notify.channel(), List.of())) {
      Tuple page =
          Tuple.of(id, notify.channel(), target, transition, notify.step(), actor)
              .addString(comment);
      chain = chain.compose(v -> run(connection, IncidentSql.NOTIFY, page));
    }
    return chain;
  }

  private static String text(String text) {
    return PostgresText.clean(text);
  }

  static Future<Void> run(SqlConnection connection, String sql, Tuple parameters) {
    return connection.preparedQuery(sql).execute(parameters).mapEmpty();
  }

  static Row only(RowSet<Row> rows) {
    return rows.iterator().next();
  }
}
