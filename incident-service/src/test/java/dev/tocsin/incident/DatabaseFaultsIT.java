package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.fault.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL behind a network that fails: nothing is lost, nobody is paged twice. */
class DatabaseFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private ProviderSink sink;
  private FaultProxy proxy;
  private IncidentFixture fixture;
  private IncidentService service;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
    proxy = FaultProxy.before(Backends.postgres().port());
    fixture =
        new IncidentFixture(
            Backends.freshDatabase("database-faults"),
            Map.of(
                "postgres.port", Integer.toString(proxy.port()),
                "postgres.statement_timeout", "3s",
                "slack.webhook_url", sink.url("/slack"),
                "pagerduty.routing_key", "key",
                "pagerduty.endpoint", sink.url("/pagerduty")));
    service = fixture.start();
  }

  @AfterEach
  void stop() {
    proxy.heal();
    fixture.close();
    proxy.close();
    sink.close();
  }

  private void awaitAll(String table, long rows) {
    String sql = "select count(*) from incident." + table;
    await().atMost(PATIENCE).until(() -> Database.count(fixture.database, sql) == rows);
  }

  private void awaitAccepted(String channel, long rows) {
    awaitAll("notification where state = 'accepted' and channel = '" + channel + "'", rows);
  }

  private List<String> keys() {
    return sink.bodies("/pagerduty").stream().map(body -> body.getString("dedup_key")).toList();
  }

  private String health() {
    return fixture.send(service, "/health", null).body();
  }

  private void awaitHealthNamesPostgres() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(health()).contains("Postgres at 127.0.0.1:" + proxy.port()));
  }

  private void awaitWell() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(health()).contains("Healthy").doesNotContain("egraded"));
  }

  /** One alert is open and paged; then the fault; then more alerts, and its timer is due. */
  private void alertsAndTimersDuring(Runnable fault) {
    fixture.publish(firing("before"));
    awaitAccepted("slack", 1);
    fault.run();
    for (int i = 0; i < 3; i++) {
      fixture.publish(firing("during-" + i));
    }
    fixture.fastForward(Duration.ofSeconds(301));
  }

  /** Each alert has paged once on the first step, and once on the second when that is due. */
  private void everythingGoesOn() {
    awaitAll("incident", 4);
    awaitAccepted("slack", 4);
    awaitAccepted("pagerduty", 1);
    fixture.fastForward(Duration.ofSeconds(602));
    awaitAccepted("pagerduty", 4);
    assertThat(sink.bodies("/slack")).hasSize(4);
    assertThat(keys()).hasSize(4).doesNotHaveDuplicates();
    awaitWell();
  }

  @Test
  void timersAndPagesGoOn_whenAHalfOpenPostgresAnswersAgain() {
    alertsAndTimersDuring(proxy::halfOpen);
    awaitHealthNamesPostgres();
    assertThat(fixture.send(service, "/live", null).statusCode()).isEqualTo(200);
    proxy.heal();
    everythingGoesOn();
  }

  @Test
  void timersAndPagesGoOn_whenAHalfOpenPostgresResetsItsConnections() {
    alertsAndTimersDuring(proxy::halfOpen);
    awaitHealthNamesPostgres();
    proxy.reset();
    proxy.heal();
    everythingGoesOn();
  }

  /** As after a failover to another server at the same address: nothing resets what was open. */
  @Test
  void timersAndPagesGoOn_whenOpenConnectionsAreDeadWithoutAWord() {
    alertsAndTimersDuring(proxy::strand);
    everythingGoesOn();
  }

  @Test
  void alert_makesOneIncidentAndOnePage_whenTheAnswerToItsCommitIsLost() throws Exception {
    var lost = proxy.loseReplyTo("uncertain", "COMMIT");
    fixture.publish(firing("uncertain"));
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    fixture.publish(firing("after"));
    awaitAll("incident", 2);
    awaitAccepted("slack", 2);
    assertThat(sink.bodies("/slack")).hasSize(2);
    awaitAll("timeline where kind = 'triggered'", 2);
    awaitWell();
  }

  @Test
  void timer_escalatesOnce_whenTheAnswerToItsCommitIsLost() throws Exception {
    fixture.publish(firing("climbs"));
    awaitAccepted("slack", 1);
    var lost = proxy.loseReplyTo("escalated", "COMMIT");
    fixture.fastForward(Duration.ofSeconds(301));
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    awaitAccepted("pagerduty", 1);
    awaitAll("timeline where kind = 'escalated'", 1);
    assertThat(keys()).hasSize(1);
    awaitWell();
  }
}
