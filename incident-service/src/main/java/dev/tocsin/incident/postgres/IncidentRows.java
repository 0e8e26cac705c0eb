package dev.tocsin.incident.postgres;

import dev.tocsin.common.postgres.PostgresText;
import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Statement;
import dev.tocsin.incident.domain.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Between rows and incidents. */
final class IncidentRows {
  private IncidentRows() {}

  static Incident incident(Row row) {
    return new Incident(
        row.getLong("id"),
        row.getString("key"),
        row.getString("fingerprint"),
        row.getString("title"),
        row.getString("severity"),
        Status.of(row.getString("status")),
        row.getInteger("steps_taken"),
        row.getInteger("generation"),
        policy(row.getJsonObject("policy")),
        alert(row.getJsonObject("alert")),
        instant(row, "opened_at"),
        mark(row, "acknowledged_at", "acknowledged_by"),
        mark(row, "resolved_at", "resolved_by"),
        statement(row),
        instantOrNull(row, "silent_since"));
  }

  private static @Nullable Statement statement(Row row) {
    Instant statedAt = instantOrNull(row, "stated_at");
    Instant endsAt = instantOrNull(row, "ends_at");
    Instant holdsUntil = instantOrNull(row, "holds_until");
    Integer part = row.getInteger("part");
    String eventId = row.getString("statement_id");
    return statedAt == null
            || endsAt == null
            || holdsUntil == null
            || part == null
            || eventId == null
        ? null
        : new Statement(part, eventId, statedAt, endsAt, holdsUntil);
  }

  /** Parameters of {@link IncidentSql#INSERT}. */
  static Tuple inserted(Incident incident) {
    Statement stated = incident.statement();
    return Tuple.tuple()
        .addString(incident.key())
        .addString(incident.fingerprint())
        .addString(incident.title())
        .addString(incident.severity())
        .addString(incident.status().text())
        .addInteger(incident.stepsTaken())
        .addInteger(incident.generation())
        .addValue(json(incident.policy()))
        .addValue(json(incident.alert()))
        .addValue(time(incident.openedAt()))
        .addValue(at(incident.acknowledged()))
        .addString(by(incident.acknowledged()))
        .addValue(at(incident.resolved()))
        .addString(by(incident.resolved()))
        .addString(incident.alert().ruleGroup())
        .addInteger(stated == null ? null : stated.partition())
        .addString(stated == null ? null : stated.eventId())
        .addValue(stated == null ? null : time(stated.statedAt()))
        .addValue(stated == null ? null : time(stated.endsAt()))
        .addValue(stated == null ? null : time(stated.holdsUntil()));
  }

  /** Parameters of {@link IncidentSql#RESTATE}. */
  static Tuple restated(Incident incident, Statement stated) {
    return Tuple.tuple()
        .addLong(incident.id())
        .addString(incident.alert().ruleGroup())
        .addInteger(stated.partition())
        .addString(stated.eventId())
        .addValue(time(stated.statedAt()))
        .addValue(time(stated.endsAt()))
        .addValue(time(stated.holdsUntil()));
  }

  /** Parameters of {@link IncidentSql#UPDATE}. */
  static Tuple updated(Incident incident) {
    return Tuple.tuple()
        .addLong(incident.id())
        .addString(incident.status().text())
        .addInteger(incident.stepsTaken())
        .addInteger(incident.generation())
        .addValue(json(incident.alert()))
        .addValue(at(incident.acknowledged()))
        .addString(by(incident.acknowledged()))
        .addValue(at(incident.resolved()))
        .addString(by(incident.resolved()));
  }

  static JsonObject json(EscalationPolicy policy) {
    JsonArray steps = new JsonArray();
    for (EscalationPolicy.Step step : policy.steps()) {
      steps.add(
          new JsonObject()
              .put("channels", new JsonArray(new ArrayList<>(step.channels())))
              .put("delayMs", step.delay().toMillis()));
    }
    return new JsonObject().put("steps", steps);
  }

  static EscalationPolicy policy(JsonObject json) {
    List<EscalationPolicy.Step> steps = new ArrayList<>();
    for (Object element : json.getJsonArray("steps")) {
      JsonObject step = (JsonObject) element;
      List<String> channels = step.getJsonArray("channels").stream().map(String::valueOf).toList();
      steps.add(new EscalationPolicy.Step(channels, Duration.ofMillis(step.getLong("delayMs"))));
    }
    return new EscalationPolicy(steps);
  }

  static JsonObject json(Incident.Alert alert) {
    return new JsonObject()
        .put("ruleGroup", alert.ruleGroup())
        .put("rule", alert.rule())
        .put("labels", PostgresText.json(alert.labels()))
        .put("annotations", PostgresText.json(alert.annotations()))
        .put("value", alert.value())
        .put("generatorUrl", alert.generatorUrl())
        .put("startsAt", alert.startsAt().toString());
  }

  static Incident.Alert alert(JsonObject json) {
    return new Incident.Alert(
        json.getString("ruleGroup"),
        json.getString("rule"),
        texts(json.getJsonObject("labels")),
        texts(json.getJsonObject("annotations")),
        json.getString("value"),
        json.getString("generatorUrl"),
        Instant.parse(json.getString("startsAt")));
  }

  private static Map<String, String> texts(JsonObject json) {
    Map<String, String> texts = new TreeMap<>();
    json.forEach(entry -> texts.put(entry.getKey(), String.valueOf(entry.getValue())));
    return texts;
  }

  static Instant instant(Row row, String column) {
    return row.getOffsetDateTime(column).toInstant();
  }

  static @Nullable Instant instantOrNull(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  static OffsetDateTime time(Instant instant) {
    return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  private static Incident.@Nullable Mark mark(Row row, String at, String by) {
    Instant time = instantOrNull(row, at);
    return time == null ? null : new Incident.Mark(time, row.getString(by));
  }

  private static @Nullable OffsetDateTime at(Incident.@Nullable Mark mark) {
    return mark == null ? null : time(mark.at());
  }

  private static @Nullable String by(Incident.@Nullable Mark mark) {
    return mark == null ? null : PostgresText.clean(mark.by());
  }
}
