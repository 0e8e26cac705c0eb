package dev.tocsin.incident.notify.slack;

import dev.tocsin.common.http.OutboundHttp;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.notify.HttpAnswers;
import dev.tocsin.incident.notify.Wording;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.InstantSource;
import java.util.Map;

/**
 * Posts to a Slack incoming webhook. A webhook answers {@code ok} and no message id, so every
 * update is a message of its own, and Slack cannot drop a repetition: a crash between Slack's
 * answer and our commit shows one message twice. The id is in the context line.
 */
final class SlackNotifier implements Notifier {
  private static final int HEADER_CHARS_MAX = 150;
  private static final int SECTION_CHARS_MAX = 3_000;
  private static final int LABELS_SHOWN_MAX = 20;
  private static final int VALUE_CHARS_MAX = 200;
  private static final int TEXT_CHARS_MAX = 1_000;

  private final URI webhook;
  private final OutboundHttp http;
  private final InstantSource clock;

  SlackNotifier(URI webhook, OutboundHttp http, InstantSource clock) {
    this.webhook = webhook;
    this.http = http;
    this.clock = clock;
  }

  @Override
  public String channel() {
    return "slack";
  }

  @Override
  public Future<Outcome> send(Message message) {
    Map<String, String> headers = Map.of("content-type", "application/json; charset=utf-8");
    return http.post(webhook, headers, body(message).toBuffer())
        .map(answer -> HttpAnswers.outcome(answer, clock))
        .otherwise(HttpAnswers::failure);
  }

  static JsonObject body(Message message) {
    Incident incident = message.incident();
    String title = Wording.subject(incident);
    String head = mark(message) + " " + Wording.headline(message);
    JsonArray blocks =
        new JsonArray()
            .add(
                new JsonObject()
                    .put("type", "header")
                    .put(
                        "text",
                        new JsonObject()
                            .put("type", "plain_text")
                            .put("emoji", true)
                            .put("text", Wording.cut(title, HEADER_CHARS_MAX))))
            .add(section("*" + escape(head) + "*" + comment(message)));
    if (message.transition().page()) {
      blocks.add(section(facts(incident)));
    }
    String context =
        "incident " + incident.id() + " · notification " + message.notificationId() + " · ";
    blocks.add(
        new JsonObject()
            .put("type", "context")
            .put(
                "elements",
                new JsonArray()
                    .add(markdown(context + "severity " + escape(orNone(incident.severity()))))));
    String text = Wording.cut(escape(head + ": " + title), TEXT_CHARS_MAX);
    return new JsonObject().put("text", text).put("blocks", blocks);
  }

  private static String mark(Message message) {
    return switch (message.transition()) {
      case TRIGGERED, ESCALATED -> "\uD83D\uDD34";
      case ACKNOWLEDGED -> "\uD83D\uDFE1";
      case RESOLVED -> "\uD83D\uDFE2";
    };
  }

  private static String comment(Message message) {
    return message.comment().isBlank() ? "" : "\n" + escape(message.comment());
  }

  /** Description, value and labels, each bounded, so that the cut never hits half an entity. */
  private static String facts(Incident incident) {
    StringBuilder text = new StringBuilder();
    String description = incident.alert().annotations().getOrDefault("description", "");
    if (!description.isBlank()) {
      text.append(escape(Wording.cut(description, VALUE_CHARS_MAX * 2))).append('\n');
    }
    if (!incident.alert().value().isBlank()) {
      String value = Wording.cut(incident.alert().value(), VALUE_CHARS_MAX);
      text.append("value: ").append(escape(value)).append('\n');
    }
    int shown = 0;
    for (Map.Entry<String, String> label : incident.alert().labels().entrySet()) {
      String name = Wording.cut(label.getKey(), VALUE_CHARS_MAX);
      String value = Wording.cut(label.getValue(), VALUE_CHARS_MAX);
      String line = escape(name + " = " + value) + "\n";
      if (shown == LABELS_SHOWN_MAX || text.length() + line.length() > SECTION_CHARS_MAX - 10) {
        text.append("…");
        break;
      }
      text.append(line);
      shown++;
    }
    return text.toString().strip();
  }

  private static JsonObject section(String text) {
    String shown = text.isEmpty() ? " " : text;
    return new JsonObject()
        .put("type", "section")
        .put("text", markdown(Wording.cut(shown, SECTION_CHARS_MAX)));
  }

  private static JsonObject markdown(String text) {
    return new JsonObject().put("type", "mrkdwn").put("text", text);
  }

  private static String orNone(String text) {
    return text.isBlank() ? "none" : text;
  }

  /** The three characters Slack's markup gives a meaning, links and mentions among it. */
  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
