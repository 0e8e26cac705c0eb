package dev.tocsin.app.up;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.testkit.HttpSink;
import dev.tocsin.testkit.RecordedRequest;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole path: the demo's fault, an alert, an incident that climbs, a person, the recovery. */
final class DemoIncidentIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofSeconds(3);
  private static final String TITLE = "checkouts fail at the test shop";
  private static final String RULES =
      """
      groups:
        - name: test-shop
          interval: 1s
          rules:
            - alert: checkout_failing
              expr: |
                sum by (service_name) (rate(traces_span_metrics_calls_total{span_name="POST /checkout", status_code="STATUS_CODE_ERROR"}[10s]))
                /
                sum by (service_name) (rate(traces_span_metrics_calls_total{span_name="POST /checkout"}[10s]))
                > 0.05
              for: 1s
              labels:
                severity: critical
              annotations:
                summary: %s
      """
          .formatted(TITLE);

  @TempDir private Path temp;

  @Test
  void demoFault_pagesThroughEveryChannel_untilSomebodyAcknowledges_andResolvesByItself()
      throws Exception {
    GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    mail.start();
    try (HttpSink slack = HttpSink.start();
        HttpSink pagerDuty = HttpSink.start()) {
      pagerDuty.respondAlways(
          HttpSink.Response.of(202, "{\"status\":\"success\",\"message\":\"Event processed\"}"));
      Path config = write(slack.port(), pagerDuty.port(), mail.getSmtp().getPort());
      try (RunningUp up =
          RunningUp.start(
              temp.resolve("data"),
              RunningUp.freeOffset(),
              "--demo",
              "--config",
              config.toString())) {
        up.awaitLine("demo fault  payment", LIMIT);
        climbs(up, slack, pagerDuty, mail);
        long id = acknowledge(up);
        up.awaitLine("demo fault  over", LIMIT);
        resolvesWithoutAnotherStep(up, id, pagerDuty);
      }
    } finally {
      mail.stop();
    }
  }

  private Path write(int slack, int pagerDuty, int smtp) throws Exception {
    Path rules = Files.writeString(temp.resolve("rules.yml"), RULES);
    String toml =
        """
        [app]
        demo_visits_per_second = 20
        demo_first_fault_after = "5s"
        demo_fault_lasts = "40s"
        demo_fault_every = "1h"
        [alert]
        default_rules = false
        rule_files = ["%s"]
        [slack]
        webhook_url = "http://127.0.0.1:%d/services/T/B/X"
        [pagerduty]
        endpoint = "http://127.0.0.1:%d/v2/enqueue"
        routing_key = "0123456789abcdef0123456789abcdef"
        [email]
        smtp_host = "127.0.0.1"
        smtp_port = %d
        to = ["oncall@example.com"]
        [outbound]
        allow_hosts = ["127.0.0.1:%d", "127.0.0.1:%d", "127.0.0.1:%d"]
        [incident]
        escalation_timeout = "%ds"
        [[incident.step]]
        channels = ["slack"]
        [[incident.step]]
        channels = ["email"]
        [[incident.step]]
        channels = ["pagerduty"]
        [[incident.step]]
        channels = ["slack"]
        """
            .formatted(rules, slack, pagerDuty, smtp, slack, pagerDuty, smtp, STEP.toSeconds());
    return Files.writeString(temp.resolve("tocsin.toml"), toml);
  }

  private static void climbs(RunningUp up, HttpSink slack, HttpSink pagerDuty, GreenMail mail)
      throws Exception {
    RecordedRequest posted = up.await("Slack's message", LIMIT, () -> first(slack));
    assertThat(posted.path()).isEqualTo("/services/T/B/X");
    assertThat(posted.text()).contains(TITLE);
    String received =
        up.await(
            "the mail",
            LIMIT,
            () ->
                Stream.of(mail.getReceivedMessages())
                    .map(GreenMailUtil::getWholeMessage)
                    .filter(whole -> whole.contains(TITLE))
                    .findFirst());
    assertThat(received).contains("oncall@example.com");
    JsonObject trigger = awaitPagerDuty(up, pagerDuty, "trigger");
    assertThat(trigger.getString("routing_key")).isEqualTo("0123456789abcdef0123456789abcdef");
    assertThat(trigger.getJsonObject("payload").getString("summary")).contains(TITLE);
    assertThat(trigger.getJsonObject("payload").getString("severity")).isEqualTo("critical");
  }

  private static Optional<RecordedRequest> first(HttpSink sink) {
    return sink.requests().stream().filter(request -> request.text().contains(TITLE)).findFirst();
  }

  /** The demo's own rules raise incidents as well; this one's are found by their title. */
  private static JsonObject awaitPagerDuty(RunningUp up, HttpSink pagerDuty, String action)
      throws Exception {
    String key =
        first(pagerDuty)
            .map(request -> new JsonObject(request.text()).getString("dedup_key"))
            .orElse("");
    return up.await(
        "PagerDuty's " + action,
        LIMIT,
        () ->
            pagerDuty.requests().stream()
                .map(request -> new JsonObject(request.text()))
                .filter(event -> event.getString("event_action").equals(action))
                .filter(
                    event ->
                        event.encode().contains(TITLE) || event.getString("dedup_key").equals(key))
                .findFirst());
  }

  private static long acknowledge(RunningUp up) throws Exception {
    JsonObject incident = up.await("the incident", LIMIT, () -> incident(up));
    long id = incident.getLong("id");
    up.awaitLine("incident #" + id + " triggered", LIMIT);
    var answer =
        up.post(
            "/api/v1/incidents/" + id + "/acknowledge",
            new JsonObject().put("by", "ada").put("comment", "looking"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    up.awaitLine("incident #" + id + " acknowledged", LIMIT);
    return id;
  }

  private static Optional<JsonObject> incident(RunningUp up) throws Exception {
    JsonObject list = new JsonObject(up.get("incident.port", "/api/v1/incidents").body());
    return RunningUp.objects(list.getJsonArray("incidents"))
        .filter(incident -> incident.getString("title").contains(TITLE))
        .findFirst();
  }

  private static void resolvesWithoutAnotherStep(RunningUp up, long id, HttpSink pagerDuty)
      throws Exception {
    JsonObject resolved =
        up.await(
            "the resolution",
            LIMIT,
            () -> incident(up).filter(i -> i.getString("status").equals("resolved")));
    Instant acknowledgedAt = Instant.parse(resolved.getString("acknowledgedAt"));
    Instant resolvedAt = Instant.parse(resolved.getString("resolvedAt"));
    assertThat(Duration.between(acknowledgedAt, resolvedAt))
        .as("time in which the next step would have been taken")
        .isGreaterThan(STEP.multipliedBy(2));
    assertThat(resolved.getInteger("stepsTaken")).isEqualTo(3);
    assertThat(resolved.getInteger("steps")).isEqualTo(4);
    assertThat(resolved.getString("acknowledgedBy")).isEqualTo("ada");
    awaitPagerDuty(up, pagerDuty, "acknowledge");
    awaitPagerDuty(up, pagerDuty, "resolve");
    up.awaitLine("incident #" + id + " resolved", LIMIT);
    assertThat(timeline(up, id)).contains("acknowledged", "resolved");
  }

  private static List<String> timeline(RunningUp up, long id) throws Exception {
    JsonObject detail = new JsonObject(up.get("incident.port", "/api/v1/incidents/" + id).body());
    return RunningUp.objects(detail.getJsonArray("timeline"))
        .map(entry -> entry.getString("kind"))
        .toList();
  }
}
