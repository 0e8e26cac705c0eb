package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import dev.tocsin.testkit.ProxiedKafka;
import dev.tocsin.testkit.fault.Direction;
import dev.tocsin.testkit.fault.Passage;
import io.opentelemetry.proto.trace.v1.Span;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kafka behind a network that fails: every span is stored once, and health names what waits. */
final class KafkaFaultsIT {
  private static ProxiedKafka kafka;

  private final List<String> spans = new ArrayList<>();
  private StorageRig rig;
  private StorageService service;

  @BeforeAll
  static void startKafka() {
    kafka = Backends.proxiedKafka();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @BeforeEach
  void start() throws Exception {
    PostgresServer postgres = Backends.freshDatabase("kafka-faults");
    rig = new StorageRig(kafka.bootstrapServers(), postgres, 1, StorageRig.topics("kafka-faults"));
    rig.with("kafka.bootstrap_servers", kafka.proxiedBootstrapServers());
    rig.with("storage.flush_items_max", "5");
    service = rig.start();
    send(1);
    rig.awaitItems("span_seg", 1);
  }

  @AfterEach
  void stop() {
    kafka.proxy().heal();
    rig.close();
  }

  private void send(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      Span span = Otlp.span(Otlp.id(16), "GET /" + i, Otlp.nowNanos()).build();
      rig.send(rig.topics.spans(), 0, Otlp.spans("shop", List.of(span)));
      spans.add(HexFormat.of().formatHex(span.getSpanId().toByteArray()));
    }
  }

  private void everythingIsStoredOnce() throws Exception {
    rig.awaitItems("span_seg", spans.size());
    assertThat(rig.storedSpanIds()).containsExactlyInAnyOrderElementsOf(spans);
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(() -> assertThat(health()).contains("Healthy").doesNotContain("egraded"));
  }

  private String health() {
    return rig.get(service, "/health").body();
  }

  @Test
  void halfOpenKafka_isUnhealthyByPlaceAndCause_whileRecordsWait_andAllAreStoredOnceAfterwards()
      throws Exception {
    String offset = "telemetry.ingest_offset where topic = '" + rig.topics.spans().name() + "'";
    try (Connection connection = Backends.connect(rig.postgres);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("select * from " + offset + " for update");
      // Nothing is stored while the row is locked, so it is known that records wait.
      send(100);
      await()
          .atMost(StorageRig.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(rig.get(service, "/metrics").body())
                      .containsPattern("tocsin_consumer_lag_records\\{[^}]*-spans[^}]*} 100\\.0"));
      kafka.proxy().halfOpen();
      connection.rollback();
    }
    String place =
        rig.topics.spans().name() + "-0 stands at offset \\d+ for 3\\d s while \\d+ wait";
    await()
        .atMost(StorageRig.PATIENCE)
        .untilAsserted(
            () -> assertThat(health()).contains("Unhealthy").containsPattern(place + ": \\w"));
    assertThat(rig.get(service, "/ready").statusCode()).isEqualTo(200);
    send(10);
    kafka.proxy().heal();
    everythingIsStoredOnce();
  }

  @Test
  void everything_isStoredOnce_whenConnectionsAreCutAnywhere() throws Exception {
    for (int bytes = 0; bytes < 1_000; bytes += 100) {
      kafka.proxy().set(Direction.TO_CLIENT, Passage.CLEAR.cutAfter(bytes));
      send(5);
      kafka.proxy().heal();
    }
    everythingIsStoredOnce();
  }
}
