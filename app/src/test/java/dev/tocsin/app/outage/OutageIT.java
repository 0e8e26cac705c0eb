package dev.tocsin.app.outage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.contract.AlertEvent;
import dev.tocsin.common.contract.AlertHeartbeat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.embedded.EmbeddedPostgres;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.storage.service.StorageConfig;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The database is away while telemetry arrives. {@code -Dtocsin.outage.seconds=60} makes it a
 * minute instead of a few seconds.
 */
class OutageIT {
  private static final int SPANS_A_TRACE = 20;
  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("tocsin.outage.seconds", 8));
  private static final String RULE =
      """
      groups:
      - name: outage
        interval: 1s
        rules:
        - alert: shop_fails
          expr: sum by (service_name) (rate(traces_span_metrics_calls_total{status_code="STATUS_CODE_ERROR"}[10s])) > 0
      """;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Service> services = new ArrayList<>();
  private final Map<String, List<String>> acknowledged = new HashMap<>();
  private EmbeddedKafka kafka;
  private EmbeddedPostgres postgres;
  private IngestService ingest;
  private StorageService storage;
  private int traces;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    kafka = Backends.dedicatedKafka();
    postgres = Backends.dedicatedPostgres();
    PostgresServer server = Backends.serverOf(postgres);
    Path rules = Files.writeString(directory.resolve("rules.yml"), RULE);
    Settings settings =
        Settings.of(
            Map.ofEntries(
                Map.entry("kafka.bootstrap_servers", kafka.bootstrapServers()),
                Map.entry("kafka.partitions", "2"),
                Map.entry("postgres.host", server.host()),
                Map.entry("postgres.port", Integer.toString(server.port())),
                Map.entry("postgres.user", server.user()),
                Map.entry("postgres.password", server.password()),
                Map.entry("postgres.database", server.database()),
                Map.entry("alert.rule_files", rules.toString()),
                Map.entry("alert.default_rules", "false"),
                Map.entry("alert.port", "0"),
                Map.entry("storage.port", "0"),
                Map.entry("ingest.grpc_port", "0"),
                Map.entry("ingest.http_port", "0"),
                Map.entry("ingest.admin_port", "0")));
    ingest = IngestService.create(IngestConfig.from(settings), context("ingest"));
    storage = StorageService.create(StorageConfig.from(settings), context("storage"));
    services.addAll(
        List.of(
            storage, AlertService.create(AlertConfig.from(settings), context("alert")), ingest));
    await(Future.all(services.stream().map(Service::start).toList()));
  }

  private ServiceContext context(String name) {
    return new ServiceContext(vertx, ProcessMetrics.registry(name), InstantSource.system());
  }

  @AfterEach
  void stop() throws Exception {
    for (Service service : services) {
      await(service.stop());
    }
    await(vertx.close());
    postgres.close();
    kafka.close();
  }

  @Test
  void telemetryIsTakenAndAlertsFire_whilePostgresIsAway_andNothingIsLostOrDoubledAfterwards()
      throws Exception {
    export("before", false);
    awaitStored(acknowledged.keySet().iterator().next());

    postgres.kill();
    Instant end = Instant.now().plus(OUTAGE);
    AlertEvent fired = null;
    try (KafkaConsumer<byte[], byte[]> alerts = alertsConsumer()) {
      while (Instant.now().isBefore(end) || fired == null) {
        assertThat(Instant.now())
            .as("no alert while Postgres is away")
            .isBefore(end.plusSeconds(60));
        export("during", true);
        for (var message : alerts.poll(Duration.ofMillis(200))) {
          if (AlertHeartbeat.decode(message.value()).isEmpty()) {
            fired = AlertEvent.decode(message.value());
          }
        }
      }
    }
    assertThat(fired.labels())
        .containsEntry("alertname", "shop_fails")
        .containsEntry("service_name", "during");
    for (HttpRequest read : List.of(traceRequest("%032x".formatted(1)), promqlRequest())) {
      assertThat(http.send(read, HttpResponse.BodyHandlers.ofString()).statusCode())
          .as(read.uri().getPath())
          .isEqualTo(503);
    }
    assertThat(storage.ready() && await(storage.check()).issues().isEmpty()).isFalse();

    postgres.restart();
    export("after", false);
    for (Map.Entry<String, List<String>> trace : acknowledged.entrySet()) {
      assertThat(awaitStored(trace.getKey()))
          .as("spans of trace %s", trace.getKey())
          .containsExactlyInAnyOrderElementsOf(trace.getValue());
    }
  }

  private KafkaConsumer<byte[], byte[]> alertsConsumer() {
    var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "group.id",
                Backends.uniqueName("outage"),
                "auto.offset.reset",
                "earliest",
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(Topic.ALERTS.name()));
    return consumer;
  }

  /** Sends one trace and remembers its span ids once it is acknowledged. */
  private void export(String service, boolean fails) throws Exception {
    String traceId = "%032x".formatted(++traces);
    List<String> spanIds = new ArrayList<>();
    List<String> spans = new ArrayList<>();
    long nanos = System.currentTimeMillis() * 1_000_000;
    for (int i = 1; i <= SPANS_A_TRACE; i++) {
      String spanId = "%016x".formatted(traces * 1_000L + i);
      spanIds.add(spanId);
      spans.add(
          """
          {"traceId":"%s","spanId":"%s","name":"GET /","kind":2,"startTimeUnixNano":"%d",
           "endTimeUnixNano":"%d","status":{"code":%d}}"""
              .formatted(traceId, spanId, nanos, nanos + 1_000_000, fails ? 2 : 0));
    }
    String body =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},
         "scopeSpans":[{"spans":[%s]}]}]}"""
            .formatted(service, String.join(",", spans));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(ingest.endpoints().get("OTLP HTTP") + "/v1/traces"))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    acknowledged.put(traceId, spanIds);
  }

  /** Asks for the trace until storage has it whole; the ids of its spans, as often as they come. */
  private List<String> awaitStored(String traceId) throws Exception {
    Instant limit = Instant.now().plusSeconds(120);
    while (Instant.now().isBefore(limit)) {
      HttpResponse<byte[]> answer =
          http.send(traceRequest(traceId), HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 200) {
        return spanIds(new JsonObject(new String(answer.body(), UTF_8)));
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("trace " + traceId + " was not stored within 120 s");
  }

  private HttpRequest traceRequest(String traceId) {
    String api = storage.endpoints().get("storage API");
    return HttpRequest.newBuilder(URI.create(api + "/traces/" + traceId)).build();
  }

  private HttpRequest promqlRequest() {
    String api = storage.endpoints().get("storage API").replace("/api/v1", "/prometheus/api/v1");
    return HttpRequest.newBuilder(URI.create(api + "/query?query=up")).build();
  }

  private static List<String> spanIds(JsonObject trace) {
    List<String> ids = new ArrayList<>();
    for (Object resource : trace.getJsonArray("resourceSpans")) {
      for (Object scope : ((JsonObject) resource).getJsonArray("scopeSpans")) {
        for (Object span : ((JsonObject) scope).getJsonArray("spans")) {
          ids.add(((JsonObject) span).getString("spanId"));
        }
      }
    }
    return ids;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(90, TimeUnit.SECONDS);
  }
}
