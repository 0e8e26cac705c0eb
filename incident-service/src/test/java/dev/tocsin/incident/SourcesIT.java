package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.T0;
import static dev.tocsin.incident.Alerts.firing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens when those who state alerts, or Kafka itself, lose their voice or memory. */
class SourcesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String GROUP = "default/red";
  private static final Instant ENDS = T0.plusSeconds(240);

  private ProviderSink sink;
  private IncidentFixture fixture;

  @BeforeEach
  void open() throws Exception {
    sink = new ProviderSink();
    fixture =
        new IncidentFixture(
            Backends.freshDatabase("sources"), Map.of("slack.webhook_url", sink.url("/slack")));
  }

  @AfterEach
  void close() {
    fixture.close();
    sink.close();
  }

  private void awaitCount(String table, long rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        Database.count(fixture.database, "select count(*) from incident." + table))
                    .isEqualTo(rows));
  }

  /** The clock goes on from there for three minutes, no faster than it is listened. */
  private void listen(Duration from) {
    for (int seconds = 0; seconds <= 180; seconds += 20) {
      fixture.fastForward(from.plusSeconds(seconds));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  Database.count(
                          fixture.database,
                          "select count(*) from incident.kafka_offset k"
                              + " join incident.incident i on i.part = k.part"
                              + " where read_at > incident.current_instant()"
                              + " - interval '10 seconds'")
                      > 0);
    }
  }

  private void awaitPage(String text) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                sink.bodies("/slack").stream()
                    .anyMatch(body -> body.getString("text").contains(text)));
  }

  private void awaitHealth(IncidentService service, String text) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(fixture.send(service, "/health", null).body()).contains(text));
  }

  private static AlertHeartbeat beat(Instant at) {
    return new AlertHeartbeat(GROUP, "alert-1", at);
  }

  @Test
  void alertThatIsNotRepeated_ends_onceItsSourceIsHeard() {
    fixture.start();
    fixture.publish(firing("gone", T0, T0, ENDS));
    awaitPage("Triggered");
    fixture.publish(beat(T0.plusSeconds(1)));
    fixture.publish(beat(ENDS.plusSeconds(6)));
    awaitPage("Resolved: the alert has ended");
    JsonObject incident = fixture.incident(1);
    assertThat(incident.getString("resolvedBy")).isEqualTo("alert");
    assertThat(incident.getJsonObject("alert").getString("endsAt")).isEqualTo(ENDS.toString());
    assertThat(incident.getJsonArray("timeline").encode())
        .contains("ended: not repeated since " + T0 + ", source alert-1 alive at");
    // A heartbeat is no alert, and none of them went astray.
    assertThat(fixture.incidents()).hasSize(1);
  }

  @Test
  void silentSource_isAnAlarm_alsoAfterARestart_untilItSpeaks() {
    fixture.start();
    fixture.publish(firing("open", T0, T0, ENDS));
    fixture.publish(beat(T0.plusSeconds(1)));
    awaitPage("Triggered");
    fixture.stopAll();
    fixture.fastForward(Duration.ofMinutes(20));
    IncidentService service = fixture.start();
    listen(Duration.ofMinutes(20));

    awaitPage("source silent: rule group default/red (alert-1)");
    awaitHealth(service, "source silent: rule group default/red (alert-1)");
    assertThat(fixture.incident(1).getString("sourceSilentSince"))
        .isEqualTo(T0.plusSeconds(1).toString());
    assertThat(fixture.incident(1).getString("status")).isEqualTo("triggered");
    assertThat(fixture.send(service, "/metrics", null).body())
        .containsPattern("tocsin_sources_silent\\{.*} 1.0");
    assertThat(fixture.send(service, "/ready", null).statusCode()).isEqualTo(200);

    Instant now = T0.plusSeconds(1_300);
    fixture.publish(firing("open", T0, now, now.plusSeconds(240)));
    fixture.publish(beat(now.plusSeconds(1)));
    awaitCount("incident where fingerprint like 'tocsin-self%' and status = 'resolved'", 1);
    awaitCount("incident where fingerprint = 'open' and status = 'triggered'", 1);
    assertThat(fixture.timeline(1)).containsOnlyOnce("source-silent", "source-speaks");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(fixture.send(service, "/health", null).body())
                    .doesNotContain("source silent"));
  }

  @Test
  void alertsThatKafkaHasDeleted_areMissedAloud_andTheNextPages() throws Exception {
    fixture.start();
    fixture.publish(firing("before"));
    awaitPage("Triggered");
    fixture.stopAll();
    fixture.publish(firing("lost"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", Backends.kafka()))) {
      admin
          .deleteRecords(
              IncidentFixture.endOffsets(Topic.ALERTS).entrySet().stream()
                  .collect(
                      java.util.stream.Collectors.toMap(
                          Map.Entry::getKey, end -> RecordsToDelete.beforeOffset(end.getValue()))))
          .all()
          .get();
    }
    IncidentService service = fixture.start();
    awaitPage("alerts missing: ");
    awaitHealth(service, "(retention)");
    assertThat(fixture.send(service, "/ready", null).statusCode()).isEqualTo(200);
    fixture.publish(firing("after"));
    awaitCount("incident where fingerprint = 'after'", 1);
    awaitCount("alert_gap where reason = 'retention' and to_offset > from_offset", 1);
  }

  @Test
  void lostTail_isGoneOnAfter_andNotTakenForANewTopic() {
    fixture.start();
    fixture.publish(firing("before"));
    awaitPage("Triggered");
    fixture.stopAll();
    // As after a power cut: Kafka ends before what was read of it.
    Backends.execute(
        fixture.database,
        "update incident.kafka_offset set next_offset = next_offset + 50,"
            + " heard_offset = heard_offset + 50");
    fixture.start();
    awaitPage("(lost_tail)");
    fixture.publish(firing("after"));
    awaitCount("incident where fingerprint = 'after'", 1);
    awaitCount("incident where fingerprint = 'before'", 1);
    int partitions = IncidentFixture.endOffsets(Topic.ALERTS).size();
    awaitCount("alert_gap where reason = 'lost_tail'", partitions);
    awaitCount("kafka_offset where epoch = 1", partitions);
  }

  @Test
  void topicMadeAnew_isReadFromItsBeginning() throws Exception {
    fixture.start();
    fixture.publish(firing("before"));
    awaitPage("Triggered");
    fixture.stopAll();
    List<TopicPartition> partitions =
        List.copyOf(IncidentFixture.endOffsets(Topic.ALERTS).keySet());
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", Backends.kafka()))) {
      admin.deleteTopics(List.of(Topic.ALERTS.name())).all().get();
      await()
          .atMost(PATIENCE)
          .until(() -> !admin.listTopics().names().get().contains(Topic.ALERTS.name()));
    }
    fixture.makeTopics();
    fixture.publish(firing("after"));
    fixture.start();
    awaitCount("incident where fingerprint = 'after'", 1);
    awaitPage("(new_topic)");
    awaitCount("alert_gap where reason = 'new_topic'", partitions.size());
    awaitCount("kafka_offset where epoch = 1", partitions.size());
  }
}
