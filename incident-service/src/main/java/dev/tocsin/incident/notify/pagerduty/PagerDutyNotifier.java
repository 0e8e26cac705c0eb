package dev.tocsin.incident.notify.pagerduty;

import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.notify.HttpAnswers;
import dev.tocsin.incident.notify.Wording;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;

/**
 * PagerDuty Events API v2: trigger, acknowledge and resolve under one {@code dedup_key}, so that a
 * repeated event joins the alert it already made.
 */
final class PagerDutyNotifier implements Notifier {
  private static final int BODY_BYTES_MAX = 512 << 10;
  private static final int DEDUP_KEY_CHARS_MAX = 255;
  private static final int SUMMARY_CHARS_MAX = 1_024;

  private final PagerDutyConfig config;
  private final OutboundHttp http;
  private final InstantSource clock;

  PagerDutyNotifier(PagerDutyConfig config, OutboundHttp http, InstantSource clock) {
    this.config = config;
    this.http = http;
    this.clock = clock;
  }

  @Override
  public String channel() {
    return "pagerduty";
  }

  @Override
  public Future<Outcome> send(Message message) {
    Map<String, String> headers = Map.of("content-type", "application/json");
    return http.post(config.endpoint(), headers, encoded(body(message)))
        .map(answer -> HttpAnswers.outcome(answer, clock))
        .otherwise(HttpAnswers::failure);
  }

  private static Buffer encoded(JsonObject body) {
    Buffer bytes = body.toBuffer();
    if (bytes.length() <= BODY_BYTES_MAX) {
      return bytes;
    }
    String note = "left out: the event was " + bytes.length() + " bytes";
    body.getJsonObject("payload").put("custom_details", new JsonObject().put("error", note));
    return body.toBuffer();
  }

  JsonObject body(Message message) {
    Incident incident = message.incident();
    JsonObject body =
        new JsonObject()
            .put("routing_key", config.routingKey().reveal())
            .put("event_action", action(message))
            .put("dedup_key", Wording.cut(incident.key(), DEDUP_KEY_CHARS_MAX));
    if (!message.transition().page()) {
      return body;
    }
    Incident.Alert alert = incident.alert();
    JsonObject details =
        new JsonObject()
            .put("incident", incident.id())
            .put("escalation_step", message.step())
            .put("rule", alert.ruleGroup() + "/" + alert.rule())
            .put("value", alert.value())
            .put("labels", texts(alert.labels()))
            .put("annotations", texts(alert.annotations()));
    body.put("client", "Tocsin")
        .put(
            "payload",
            new JsonObject()
                .put("summary", Wording.cut(Wording.subject(incident), SUMMARY_CHARS_MAX))
                .put("source", source(alert.labels()))
                .put("severity", severity(incident.severity()))
                .put("timestamp", alert.startsAt().toString())
                .put("class", alert.rule())
                .put("custom_details", details));
    if (alert.generatorUrl().matches("https?://\\S+")) {
      JsonObject link = new JsonObject().put("href", alert.generatorUrl()).put("text", "Rule");
      body.put("links", new JsonArray().add(link));
    }
    return body;
  }

  private static String action(Message message) {
    return switch (message.transition()) {
      case TRIGGERED, ESCALATED -> "trigger";
      case ACKNOWLEDGED -> "acknowledge";
      case RESOLVED -> "resolve";
    };
  }

  /** PagerDuty knows four; what is not among them is an error. */
  static String severity(String label) {
    return switch (label.toLowerCase(Locale.ROOT)) {
      case "critical", "page", "fatal" -> "critical";
      case "warning", "warn" -> "warning";
      case "info", "notice", "debug" -> "info";
      default -> "error";
    };
  }

  private static String source(Map<String, String> labels) {
    for (String name : new String[] {"service", "service_name", "instance", "job"}) {
      String value = labels.getOrDefault(name, "");
      if (!value.isBlank()) {
        return Wording.cut(value, DEDUP_KEY_CHARS_MAX);
      }
    }
    return "tocsin";
  }

  private static JsonObject texts(Map<String, String> texts) {
    JsonObject json = new JsonObject();
    texts.forEach(json::put);
    return json;
  }
}
