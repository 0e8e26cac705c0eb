package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import java.time.Duration;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Channels that say no, and mean it, or do not. */
class RefusalsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PAGES =
      "select channel || ' ' || state from incident.notification n"
          + " join incident.incident i on i.id = n.incident_id"
          + " where channel <> 'kafka' and fingerprint = 'unheard' order by n.id";

  private ProviderSink slack;
  private ProviderSink pagerDuty;
  private IncidentFixture fixture;
  private IncidentService service;

  @BeforeEach
  void start() throws Exception {
    slack = new ProviderSink();
    pagerDuty = new ProviderSink();
    fixture =
        new IncidentFixture(
            Backends.freshDatabase("refusals"),
            Map.of(
                "slack.webhook_url",
                slack.url("/slack"),
                "pagerduty.routing_key",
                "key",
                "pagerduty.endpoint",
                pagerDuty.url("/pagerduty"),
                "incident.escalation_timeout",
                "10ms"));
    service = fixture.start();
  }

  @AfterEach
  void stop() {
    fixture.close();
    slack.close();
    pagerDuty.close();
  }

  private static void soon(ThrowingRunnable assertion) {
    await().atMost(PATIENCE).untilAsserted(assertion);
  }

  private String health() {
    return fixture.send(service, "/health", null).body();
  }

  private long alarms(String where) {
    return Database.count(
        fixture.database,
        "select count(*) from incident.incident"
            + " where fingerprint = 'tocsin-self/pages-refused' and "
            + where);
  }

  @Test
  void incidentThatEveryChannelRefuses_isAnAlarm_untilOneTakesItsPage() {
    slack.standing(404, "no_service");
    pagerDuty.standing(403, "who?");
    fixture.publish(firing("unheard"));
    soon(
        () ->
            assertThat(health())
                .contains("Degraded")
                .contains(
                    "has reached nobody: slack: rejected: HTTP 404 no_service;"
                        + " pagerduty: unauthorized: HTTP 403 who?"));
    assertThat(fixture.send(service, "/metrics", null).body())
        .containsPattern("tocsin_incidents_unreached\\{.*} [12]\\.0");
    soon(() -> assertThat(alarms("status = 'triggered'")).isEqualTo(1));
    assertThat(Database.texts(fixture.database, PAGES)).first().isEqualTo("slack dead");

    pagerDuty.standing(202, "ok");
    soon(
        () ->
            assertThat(Database.texts(fixture.database, PAGES))
                .containsExactly("slack dead", "pagerduty accepted"));
    soon(() -> assertThat(health()).doesNotContain("has reached nobody"));
    soon(() -> assertThat(alarms("status = 'resolved'")).isEqualTo(1));
    assertThat(alarms("true")).isEqualTo(1);
  }

  @Test
  void channelThatIsHeldForAnHour_isNamed() {
    slack.script(new ProviderSink.Reply(429, "slow", Map.of("retry-after", "3600")));
    fixture.publish(firing("unheard"));
    soon(
        () ->
            assertThat(Database.texts(fixture.database, PAGES))
                .containsExactly("slack pending", "pagerduty accepted"));
    assertThat(health()).doesNotContain("waiting");
    fixture.fastForward(Duration.ofSeconds(70));
    soon(
        () ->
            assertThat(health())
                .contains("Degraded")
                .containsPattern(
                    "slack: 1 waiting, the oldest for \\d+ s; held until 20.+Z: rate_limited"));
    fixture.fastForward(Duration.ofHours(2));
    soon(() -> assertThat(health()).doesNotContain("waiting"));
  }

  @Test
  void answerOfSomebodyInBetween_isNotBelievedAtOnce() {
    ProviderSink.Reply portal = new ProviderSink.Reply(302, "log in", Map.of("location", "/"));
    ProviderSink.Reply proxy = new ProviderSink.Reply(400, "bad request", Map.of());
    slack.script(portal, proxy, portal);
    fixture.publish(firing("unheard"));
    soon(
        () ->
            assertThat(Database.texts(fixture.database, PAGES))
                .containsExactly("slack accepted", "pagerduty accepted"));
    assertThat(slack.bodies("/slack")).hasSize(4);
    assertThat(alarms("true")).isZero();
  }
}
