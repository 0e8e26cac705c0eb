package dev.tocsin.incident;

import static dev.tocsin.incident.Alerts.firing;
import static dev.tocsin.incident.Alerts.resolved;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.testkit.Backends;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
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
      fixture.publish("k", firing("far", Instant.parse("+99999-01-01T00:00:00Z")).encode());
      fixture.publish("k", firing("good").encode());
      awaitAll(fixture, "incident where fingerprint = 'good'", 1);

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
                  return reasons.size() >= 3;
                });
      }
      assertThat(reasons).hasSize(3).allMatch(reason -> reason.startsWith("malformed: "));
    }
  }

  @Test
  void alertPutAside_isAnAlarm_andGoodOnesAroundItPageAtOnce() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("poison"), channels())) {
      IncidentService service = fixture.start();
      Backends.execute(
          fixture.database,
          """
          create function incident.refuse() returns trigger language plpgsql as $$
            begin raise exception 'refused' using errcode = '22000'; end $$;
          create trigger refuse before insert on incident.incident
            for each row when (new.fingerprint = 'poison') execute function incident.refuse()""");
      fixture.publish("k", firing("before").encode());
      fixture.publish("k", firing("poison").encode());
      fixture.publish("k", firing("after").encode());
      fixture.publish("k", "no json".getBytes(UTF_8));
      fixture.publish("k", firing("last").encode());

      // Three good ones and the alarm about the two that were put aside.
      awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 4);
      String alarm = "incident where fingerprint = 'tocsin-self/alert-put-aside'";
      awaitAll(fixture, alarm, 1);
      awaitAll(fixture, "incident", 4);
      awaitAll(fixture, "timeline where kind = 'again'", 1);
      assertThat(texts(sink.bodies("/slack"))).anyMatch(text -> text.contains("alert put aside: "));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(fixture.send(service, "/health", null).body())
                      .contains("Degraded", "alert put aside: "));
      assertThat(fixture.send(service, "/ready", null).statusCode()).isEqualTo(200);
      assertThat(fixture.send(service, "/metrics", null).body())
          .containsPattern("tocsin_alert_dead_letters_total\\{.*reason=\"failed\".*} 1.0")
          .containsPattern("tocsin_alert_dead_letters_total\\{.*reason=\"malformed\".*} 1.0");

      long id = Database.count(fixture.database, "select id from incident." + alarm);
      fixture.act(id, "resolve", "Ada");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(fixture.send(service, "/health", null).body())
                      .doesNotContain("alert put aside"));
    }
  }

  private static List<String> texts(List<JsonObject> bodies) {
    return bodies.stream().map(body -> body.getString("text")).toList();
  }

  @Test
  void anyTextInAnAlert_pagesAllTheSame() {
    try (var fixture = new IncidentFixture(Backends.freshDatabase("odd"), channels())) {
      fixture.start();
      // What cases/otlp/nul_instance_id.json becomes: a C++ SDK that sends its buffer's rest.
      fixture.publish(firing("nul", Map.of("instance", "host1\u0000\u0000", "k\u0000", "v")));
      fixture.publish(firing("nul\u0000"));
      fixture.publish(firing("half a pair \uD83D", Map.of("half", "\uDC00 \uD83D")));
      fixture.publish(firing("long".repeat(2_000), Map.of("long", "x".repeat(3_000_000))));
      fixture.publish(firing("many", many()));
      awaitAll(fixture, "notification where channel = 'slack' and state = 'accepted'", 5);
      awaitAll(fixture, "incident", 5);
      assertThat(
              Database.texts(
                  fixture.database,
                  "select alert -> 'labels' ->> 'instance' from incident.incident"
                      + " where fingerprint = 'nul'"))
          .containsExactly("host1\uFFFD\uFFFD");
      // The same alert is still the same one.
      fixture.publish(resolvedOf(firing("nul\u0000")));
      awaitAll(fixture, "incident where status = 'resolved'", 1);
    }
  }

  private static AlertEvent resolvedOf(AlertEvent firing) {
    return resolved(firing.fingerprint(), firing.startsAt());
  }

  private static Map<String, String> many() {
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      labels.put("label_" + i, "value ".repeat(20) + i);
    }
    return labels;
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
