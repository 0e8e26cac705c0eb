package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static dev.tocsin.incident.Alerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import io.vertx.core.json.JsonObject;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EscalationIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private ProviderSink sink;
  private IncidentFixture fixture;
  private IncidentService service;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
    mail.start();
    fixture =
        new IncidentFixture(
            Backends.freshDatabase("escalation"),
            Map.of(
                "slack.webhook_url", sink.url("/slack/secret"),
                "pagerduty.routing_key", "0123456789abcdef0123456789abcdef",
                "pagerduty.endpoint", sink.url("/v2/enqueue"),
                "email.smtp_host", "127.0.0.1",
                "email.smtp_port", Integer.toString(mail.getSmtp().getPort()),
                "email.from", "tocsin@example.com",
                "email.to", "oncall@example.com,second@example.com",
                "incident.escalation_timeout", "300s"));
    service = fixture.start();
  }

  @AfterEach
  void stop() {
    fixture.close();
    mail.stop();
    sink.close();
  }

  private long opened(String fingerprint) {
    fixture.publish(firing(fingerprint));
    await()
        .atMost(PATIENCE)
        .until(() -> fixture.incidents().stream().anyMatch(has("fingerprint", fingerprint)));
    return fixture.incidents().stream()
        .filter(has("fingerprint", fingerprint))
        .findFirst()
        .orElseThrow()
        .getLong("id");
  }

  private static java.util.function.Predicate<JsonObject> has(String key, String value) {
    return json -> value.equals(json.getString(key));
  }

  private List<JsonObject> pagerDuty() {
    return sink.bodies("/v2/enqueue");
  }

  private List<JsonObject> slack() {
    return sink.bodies("/slack/secret");
  }

  private void awaitState(long id, String channel, String transition, String state) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(fixture.notifications(id))
                    .filteredOn(has("channel", channel))
                    .filteredOn(has("transition", transition))
                    .isNotEmpty()
                    .allMatch(has("state", state)));
  }

  @Test
  void incident_climbsSlackThenEmailThenPagerDuty_whenNobodyAcknowledges() throws Exception {
    long id = opened("climb");
    awaitState(id, "slack", "triggered", "accepted");
    assertThat(slack()).hasSize(1);
    assertThat(slack().get(0).getString("text")).contains("&lt;checkout&gt; &amp; more");
    assertThat(mail.getReceivedMessages()).isEmpty();

    fixture.fastForward(Duration.ofSeconds(301));
    awaitState(id, "email", "escalated", "accepted");
    assertThat(pagerDuty()).isEmpty();
    MimeMessage[] mails = mail.getReceivedMessages();
    assertThat(mails).hasSize(2);
    assertThat(mails[0].getSubject()).startsWith("[INC-" + id + "]");

    fixture.fastForward(Duration.ofSeconds(602));
    awaitState(id, "pagerduty", "escalated", "accepted");
    JsonObject trigger = pagerDuty().get(0);
    assertThat(trigger.getString("event_action")).isEqualTo("trigger");

    fixture.publish(resolved("climb"));
    awaitState(id, "pagerduty", "resolved", "accepted");
    awaitState(id, "slack", "resolved", "accepted");
    awaitState(id, "email", "resolved", "accepted");
    assertThat(pagerDuty()).hasSize(2);
    assertThat(pagerDuty().get(1).getString("event_action")).isEqualTo("resolve");
    assertThat(pagerDuty().get(1).getString("dedup_key")).isEqualTo(trigger.getString("dedup_key"));
    assertThat(mail.getReceivedMessages())
        .hasSize(4)
        .allSatisfy(
            m ->
                assertThat(m.getHeader("References"))
                    .isEqualTo(mail.getReceivedMessages()[0].getHeader("References")));
    assertThat(fixture.timeline(id))
        .containsSubsequence("triggered", "notified", "escalated", "notified", "escalated")
        .endsWith("resolved");
    assertThat(fixture.incident(id).getString("resolvedBy")).isEqualTo("alert");
  }

  @Test
  void acknowledge_stopsTheClimb_andTellsThoseWhoWerePaged() {
    long id = opened("ack");
    awaitState(id, "slack", "triggered", "accepted");
    assertThat(fixture.act(id, "acknowledge", "Ada")).isEqualTo(200);
    awaitState(id, "slack", "acknowledged", "accepted");
    assertThat(slack().get(1).getString("text")).contains("Acknowledged by Ada");

    fixture.fastForward(Duration.ofHours(2));
    // The late timer is gone once it was looked at; only then there is something to assert.
    await()
        .atMost(PATIENCE)
        .until(() -> Database.count(fixture.database, "select count(*) from incident.timer") == 0);
    assertThat(fixture.incident(id).getInteger("stepsTaken")).isEqualTo(1);
    assertThat(mail.getReceivedMessages()).isEmpty();
    assertThat(pagerDuty()).isEmpty();
    assertThat(fixture.act(id, "acknowledge", "Bob")).isEqualTo(200);
    assertThat(fixture.incident(id).getString("acknowledgedBy")).isEqualTo("Ada");

    assertThat(fixture.act(id, "resolve", "Ada")).isEqualTo(200);
    assertThat(fixture.act(id, "resolve", "Ada")).isEqualTo(200);
    assertThat(fixture.act(id, "acknowledge", "Ada")).isEqualTo(409);
    awaitState(id, "slack", "resolved", "accepted");
    assertThat(slack()).hasSize(3);
    assertThat(fixture.timeline(id))
        .containsExactly("triggered", "notified", "acknowledged", "resolved");
  }

  @Test
  void alertEvent_makesOneIncidentAndOnePage_whenItComesAgain() {
    long id = opened("repeat");
    for (int i = 0; i < 5; i++) {
      fixture.publish(firing("repeat"));
    }
    opened("after-the-repeats");
    awaitState(id, "slack", "triggered", "accepted");
    assertThat(fixture.incidents()).filteredOn(has("fingerprint", "repeat")).hasSize(1);
    assertThat(fixture.notifications(id)).hasSize(1);
    assertThat(fixture.timeline(id)).containsOnlyOnce("triggered");
  }

  @Test
  void alert_opensANewIncident_whenItFiresAgainAfterResolution() {
    long first = opened("again");
    fixture.publish(resolved("again"));
    await()
        .atMost(PATIENCE)
        .until(() -> fixture.incident(first).getString("status").equals("resolved"));
    fixture.publish(firing("again", Alerts.T0.plusSeconds(900)));
    await()
        .atMost(PATIENCE)
        .until(() -> fixture.incidents().stream().filter(has("fingerprint", "again")).count() == 2);
    assertThat(fixture.incidents().get(0).getLong("id")).isGreaterThan(first);
    assertThat(fixture.incidents().get(0).getString("status")).isEqualTo("triggered");
  }

  @Test
  void delivery_isRetriedWithTheSameKey_whenTheProviderFails() {
    long id = opened("retry");
    awaitState(id, "slack", "triggered", "accepted");
    fixture.fastForward(Duration.ofSeconds(301));
    awaitState(id, "email", "escalated", "accepted");
    ProviderSink.Reply failing = new ProviderSink.Reply(500, "oops", Map.of());
    sink.script(failing, failing, failing);
    fixture.fastForward(Duration.ofSeconds(602));
    awaitState(id, "pagerduty", "escalated", "accepted");

    assertThat(pagerDuty()).hasSize(4);
    assertThat(pagerDuty())
        .extracting(b -> b.getString("dedup_key"))
        .containsOnly("tocsin/retry/" + Alerts.T0.toEpochMilli());
    JsonObject page =
        fixture.notifications(id).stream().filter(has("channel", "pagerduty")).findFirst().get();
    assertThat(page.getJsonArray("attempts"))
        .extracting(a -> ((JsonObject) a).getString("outcome"))
        .containsExactly("failed", "failed", "failed", "accepted");
    assertThat(page.getJsonArray("attempts").getJsonObject(0).getString("detail"))
        .isEqualTo("HTTP 500 oops");
  }

  @Test
  void delivery_isDeadAndVisible_whenTheProviderRejectsIt() {
    sink.script(new ProviderSink.Reply(404, "no_service", Map.of()));
    long id = opened("rejected");
    awaitState(id, "slack", "triggered", "dead");
    JsonObject page = fixture.notifications(id).get(0);
    assertThat(page.getString("reason")).isEqualTo("rejected");
    assertThat(fixture.timeline(id)).contains("notification-failed");
    assertThat(slack()).hasSize(1);
    // The climb goes on: the next channel is asked all the same.
    fixture.fastForward(Duration.ofSeconds(301));
    awaitState(id, "email", "escalated", "accepted");
  }

  @Test
  void waitingPage_isSuperseded_whenTheIncidentIsAcknowledged() {
    sink.standing(503, "down");
    long id = opened("waiting");
    await()
        .atMost(PATIENCE)
        .until(() -> fixture.notifications(id).get(0).getJsonArray("attempts").size() >= 3);
    assertThat(fixture.act(id, "acknowledge", "Ada")).isEqualTo(200);
    awaitState(id, "slack", "triggered", "superseded");
    sink.standing(200, "ok");
    awaitState(id, "slack", "acknowledged", "accepted");
  }

  @Test
  void transitions_arePublished_inOrder() {
    Map<TopicPartition, Long> from = IncidentFixture.endOffsets(Topic.INCIDENTS);
    long id = opened("published");
    fixture.act(id, "acknowledge", "Ada");
    fixture.publish(resolved("published"));
    List<IncidentEvent> events = new ArrayList<>();
    try (var consumer = IncidentFixture.consumer()) {
      consumer.assign(from.keySet());
      from.forEach(consumer::seek);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(r -> events.add(IncidentEvent.decode(r.value())));
                return events.size() >= 3;
              });
    }
    assertThat(events)
        .extracting(IncidentEvent::transition)
        .containsExactly("triggered", "acknowledged", "resolved");
    assertThat(events).extracting(IncidentEvent::actor).containsExactly("alert", "Ada", "alert");
    assertThat(events).extracting(IncidentEvent::incidentId).containsOnly(id);
    assertThat(events).extracting(IncidentEvent::id).doesNotHaveDuplicates();
  }

  @Test
  void badRequests_areAnsweredWithTheExpectation() {
    long id = opened("bad-requests");
    String path = "/api/v1/incidents/";
    assertThat(fixture.send(service, path + id + "/acknowledge", "{}").statusCode()).isEqualTo(400);
    assertThat(fixture.send(service, path + id + "/acknowledge", "[1]").statusCode())
        .isEqualTo(400);
    assertThat(fixture.send(service, path + id + "/resolve", "{\"by\": 7}").statusCode())
        .isEqualTo(400);
    assertThat(fixture.send(service, path + "99999/resolve", "{\"by\":\"a\"}").statusCode())
        .isEqualTo(404);
    assertThat(fixture.send(service, path + "x", null).statusCode()).isEqualTo(400);
    assertThat(fixture.send(service, path + "99999", null).statusCode()).isEqualTo(404);
    assertThat(fixture.json("/api/v1/incidents?limit=0").getString("detail"))
        .isEqualTo("limit: 0 (expected: 1-500)");
    assertThat(fixture.json("/api/v1/incidents?status=gone").getString("detail"))
        .startsWith("status: gone (expected:");
    assertThat(fixture.incident(id).getString("status")).isEqualTo("triggered");
  }

  @Test
  void list_pagesAndFilters() {
    long first = opened("page-1");
    long second = opened("page-2");
    long third = opened("page-3");
    fixture.act(second, "resolve", "Ada");
    JsonObject page = fixture.json("/api/v1/incidents?limit=2");
    assertThat(ids(page)).containsExactly(third, second);
    assertThat(page.getLong("nextBefore")).isEqualTo(second);
    assertThat(ids(fixture.json("/api/v1/incidents?limit=2&before=" + second)))
        .containsExactly(first);
    assertThat(ids(fixture.json("/api/v1/incidents?status=open"))).containsExactly(third, first);
    assertThat(ids(fixture.json("/api/v1/incidents?status=resolved"))).containsExactly(second);
  }

  private static List<Long> ids(JsonObject page) {
    return page.getJsonArray("incidents").stream()
        .map(i -> ((JsonObject) i).getLong("id"))
        .toList();
  }
}
