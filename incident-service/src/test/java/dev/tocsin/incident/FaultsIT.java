package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private ProviderSink sink;

  @BeforeEach
  void start() throws Exception {
    sink = new ProviderSink();
  }

  @AfterEach
  void stop() {
    sink.close();
  }

  private Map<String, String> channels() {
    return Map.of(
        "slack.webhook_url", sink.url("/slack"),
        "pagerduty.routing_key", "key",
        "pagerduty.endpoint", sink.url("/pagerduty"));
  }

  private List<String> keys(String action) {
    return sink.bodies("/pagerduty").stream()
        .filter(body -> body.getString("event_action").equals(action))
        .map(body -> body.getString("dedup_key"))
        .toList();
  }

  private static void awaitAll(IncidentFixture fixture, String table, long rows) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                Database.count(fixture.database, "select count(*) from incident." + table) == rows);
  }

  @Test
  void twoInstances_shareTheWork_withoutPagingTwice() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("two"), channels())) {
      fixture.start();
      fixture.start();
      for (int i = 0; i < 30; i++) {
        fixture.publish(firing("two-" + i));
      }
      awaitAll(fixture, "incident", 30);
      fixture.fastForward(Duration.ofSeconds(301));
      awaitAll(fixture, "incident where steps_taken = 2", 30);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                // The second step's pages pass the token bucket of each instance over time.
                return keys("trigger").size() >= 30;
              });
      awaitAll(fixture, "notification where channel = 'pagerduty' and state = 'accepted'", 30);
      assertThat(keys("trigger")).hasSize(30).doesNotHaveDuplicates();
      assertThat(
              Database.count(
                  fixture.database,
                  "select count(*) from incident.timeline where kind = 'escalated'"))
          .isEqualTo(30);
    }
  }

  @Test
  void postgresRestart_losesNothing() {
    try (var postgres = Backends.dedicatedPostgres()) {
      var server = Backends.freshDatabase(Backends.serverOf(postgres), "restart");
      try (var fixture = new IncidentFixture(server, channels())) {
        fixture.start();
        fixture.publish(firing("before"));
        awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 1);

        postgres.kill();
        for (int i = 0; i < 5; i++) {
          fixture.publish(firing("during-" + i));
        }
        postgres.restart();

        awaitAll(fixture, "incident", 6);
        awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 6);
        assertThat(sink.bodies("/slack")).hasSize(6);
        fixture.fastForward(Duration.ofSeconds(301));
        awaitAll(fixture, "notification where channel = 'pagerduty' and state = 'accepted'", 6);
        assertThat(keys("trigger")).hasSize(6).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void serviceRestart_goesOnWhereItStopped() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("again"), channels())) {
      fixture.start();
      fixture.publish(firing("kept"));
      awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 1);
      fixture.stopAll();
      fixture.publish(firing("while-away"));
      fixture.fastForward(Duration.ofSeconds(301));
      fixture.start();
      awaitAll(fixture, "incident", 2);
      awaitAll(fixture, "notification where channel = 'pagerduty' and state = 'accepted'", 1);
      awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 2);
      assertThat(sink.bodies("/slack")).hasSize(2);
      assertThat(keys("trigger")).hasSize(1);
    }
  }

  @Test
  void unreadableRecord_isPutAside_andTheNextIsTaken() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("letters"), Map.of())) {
      Map<TopicPartition, Long> from = IncidentFixture.endOffsets(Topic.DEAD_LETTER);
      fixture.start();
      fixture.publish("k", "no json".getBytes(UTF_8));
      fixture.publish("k", "{}".getBytes(UTF_8));
      fixture.publish("k", firing("nul\u0000").encode());
      fixture.publish("k", firing("far", Instant.parse("+99999-01-01T00:00:00Z")).encode());
      fixture.publish("k", firing("good").encode());
      await().atMost(PATIENCE).until(() -> fixture.incidents().size() == 1);

      List<String> reasons = new ArrayList<>();
      try (var consumer = IncidentFixture.consumer()) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  consumer
                      .poll(Duration.ofMillis(200))
                      .forEach(
                          letter ->
                              reasons.add(
                                  new String(
                                      letter.headers().lastHeader(DeadLetterHeaders.REASON).value(),
                                      UTF_8)));
                  return reasons.size() >= 4;
                });
      }
      assertThat(reasons).hasSize(4).allMatch(reason -> reason.startsWith("malformed: "));
    }
  }

  @Test
  void incidents_areListedAndMeasured_whenNoChannelIsConfigured() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("silent"), Map.of())) {
      IncidentService service = fixture.start();
      fixture.publish(firing("silent"));
      await().atMost(PATIENCE).until(() -> fixture.incidents().size() == 1);
      JsonObject incident = fixture.incident(fixture.incidents().get(0).getLong("id"));
      assertThat(incident.getJsonArray("notifications")).isEmpty();
      assertThat(incident.getJsonObject("alert").getString("value")).isEqualTo("0.07");
      assertThat(incident.getJsonObject("alert").getJsonObject("labels").getString("service"))
          .isEqualTo("checkout");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(fixture.send(service, "/metrics", null).body())
                      .containsPattern("tocsin_incidents_total\\{.*transition=\"triggered\"} 1.0")
                      .containsPattern("tocsin_notifications_total\\{channel=\"kafka\".*} 1.0")
                      .contains("tocsin_outbox_depth{channel=\"kafka\"")
                      .contains("tocsin_timer_lateness_seconds_bucket"));
      assertThat(fixture.send(service, "/ready", null).statusCode()).isEqualTo(200);
      assertThat(fixture.send(service, "/health", null).statusCode()).isEqualTo(200);
    }
  }
}
