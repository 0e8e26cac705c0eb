package dev.tocsin.incident.http;

import dev.tocsin.incident.domain.EscalationPolicy;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Statement;
import dev.tocsin.incident.ports.IncidentReader.Attempt;
import dev.tocsin.incident.ports.IncidentReader.Detail;
import dev.tocsin.incident.ports.IncidentReader.Notification;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Incidents as the API shows them; absent values are left out. */
final class IncidentJson {
  private IncidentJson() {}

  static JsonObject summary(Incident incident) {
    JsonObject json =
        new JsonObject()
            .put("id", incident.id())
            .put("status", incident.status().text())
            .put("title", incident.title())
            .put("severity", incident.severity())
            .put("fingerprint", incident.fingerprint())
            .put("openedAt", incident.openedAt().toString())
            .put("stepsTaken", incident.stepsTaken())
            .put("steps", incident.policy().steps().size());
    mark(json, "acknowledged", incident.acknowledged());
    mark(json, "resolved", incident.resolved());
    optional(json, "sourceSilentSince", incident.silentSince());
    return json;
  }

  static JsonObject full(Incident incident) {
    Incident.Alert alert = incident.alert();
    JsonArray policy = new JsonArray();
    for (EscalationPolicy.Step step : incident.policy().steps()) {
      JsonArray channels = new JsonArray();
      step.channels().forEach(channels::add);
      policy.add(
          new JsonObject()
              .put("channels", channels)
              .put("delaySeconds", step.delay().toMillis() / 1000.0));
    }
    JsonObject facts =
        new JsonObject()
            .put("ruleGroup", alert.ruleGroup())
            .put("rule", alert.rule())
            .put("labels", texts(alert.labels()))
            .put("annotations", texts(alert.annotations()))
            .put("value", alert.value())
            .put("generatorURL", alert.generatorUrl())
            .put("startsAt", alert.startsAt().toString());
    Statement statement = incident.statement();
    if (statement != null) {
      facts.put("statedAt", statement.statedAt().toString());
      facts.put("endsAt", statement.endsAt().toString());
    }
    return summary(incident).put("policy", policy).put("alert", facts);
  }

  static JsonObject detail(Detail detail) {
    JsonArray timeline = new JsonArray();
    detail
        .timeline()
        .forEach(
            entry ->
                timeline.add(
                    new JsonObject()
                        .put("at", entry.at().toString())
                        .put("kind", entry.kind())
                        .put("actor", entry.actor())
                        .put("text", entry.text())));
    JsonArray notifications = new JsonArray();
    detail.notifications().forEach(sent -> notifications.add(notification(sent)));
    return full(detail.incident()).put("timeline", timeline).put("notifications", notifications);
  }

  private static JsonObject notification(Notification sent) {
    JsonArray attempts = new JsonArray();
    sent.attempts().forEach(attempt -> attempts.add(attempt(attempt)));
    JsonObject json =
        new JsonObject()
            .put("id", sent.id())
            .put("channel", sent.channel())
            .put("target", sent.target())
            .put("transition", sent.transition())
            .put("step", sent.step())
            .put("state", sent.state())
            .put("createdAt", sent.createdAt().toString());
    optional(json, "reason", sent.reason());
    optional(json, "finishedAt", sent.finishedAt());
    return json.put("attempts", attempts);
  }

  private static JsonObject attempt(Attempt attempt) {
    JsonObject json =
        new JsonObject()
            .put("number", attempt.number())
            .put("startedAt", attempt.startedAt().toString());
    optional(json, "finishedAt", attempt.finishedAt());
    optional(json, "outcome", attempt.outcome());
    optional(json, "reason", attempt.reason());
    optional(json, "detail", attempt.detail());
    return json;
  }

  private static void mark(JsonObject json, String name, Incident.@Nullable Mark mark) {
    if (mark != null) {
      json.put(name + "At", mark.at().toString()).put(name + "By", mark.by());
    }
  }

  private static void optional(JsonObject json, String name, @Nullable String value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  private static void optional(JsonObject json, String name, @Nullable Instant value) {
    optional(json, name, value == null ? null : value.toString());
  }

  private static JsonObject texts(Map<String, String> texts) {
    JsonObject json = new JsonObject();
    texts.forEach(json::put);
    return json;
  }
}
