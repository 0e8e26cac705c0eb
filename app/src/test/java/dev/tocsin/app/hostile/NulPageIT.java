package dev.tocsin.app.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.alert.service.AlertConfig;
import dev.tocsin.alert.service.AlertService;
import dev.tocsin.common.config.Settings;
import dev.tocsin.common.runtime.Service;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.ProcessMetrics;
import dev.tocsin.embedded.EmbeddedKafka;
import dev.tocsin.incident.service.IncidentConfig;
import dev.tocsin.incident.service.IncidentService;
import dev.tocsin.ingest.service.IngestConfig;
import dev.tocsin.ingest.service.IngestService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.HttpSink;
import dev.tocsin.testkit.PostgresServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text that PostgreSQL cannot hold, from an SDK's export to the page it is about. */
class NulPageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final String RULES =
      """
      groups:
      - name: nul
        interval: 1s
        rules:
        - alert: CppServiceIsThere
          expr: up{job="cppsvc"} == 1
          labels:
            severity: critical
      """;

  /** A C++ SDK that sends what is left of its buffer with the name. */
  private static final String EXPORT =
      """
      {"resourceSpans": [{
        "resource": {"attributes": [
          {"key": "service.name", "value": {"stringValue": "cppsvc"}},
          {"key": "service.instance.id", "value": {"stringValue": "host1\\u0000\\u0000"}}]},
        "scopeSpans": [{"spans": [{
          "traceId": "8da8f990d674c1acea66fa07fa4b9a83", "spanId": "8da8f990d674c1ac",
          "name": "x", "kind": 2,
          "startTimeUnixNano": "1796000100817765418",
          "endTimeUnixNano": "1796000100818765418"}]}]}]}
      """;

  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private final EmbeddedKafka kafka = Backends.dedicatedKafka();
  private final HttpSink slack = HttpSink.start();
  private PostgresServer database;
  private IngestService ingest;
  private IncidentService incident;
  private List<Service> services;

  @BeforeEach
  void start() throws Exception {
    database = Backends.freshDatabase("nul-page");
    Path rules = Files.writeString(directory.resolve("nul.yml"), RULES);
    Settings settings =
        Settings.of(
            Map.ofEntries(
                Map.entry("kafka.bootstrap_servers", kafka.bootstrapServers()),
                Map.entry("kafka.partitions", "2"),
                Map.entry("postgres.host", database.host()),
                Map.entry("postgres.port", Integer.toString(database.port())),
                Map.entry("postgres.user", database.user()),
                Map.entry("postgres.password", database.password()),
                Map.entry("postgres.database", database.database()),
                Map.entry("alert.default_rules", "false"),
                Map.entry("alert.rule_files", rules.toString()),
                Map.entry("alert.resend_interval", "1s"),
                Map.entry("alert.port", "0"),
                Map.entry("incident.port", "0"),
                Map.entry("ingest.grpc_port", "0"),
                Map.entry("ingest.http_port", "0"),
                Map.entry("ingest.admin_port", "0"),
                Map.entry("slack.webhook_url", slack.uri("/hook").toString()),
                Map.entry("outbound.allow_hosts", "127.0.0.1")));
    ingest = IngestService.create(IngestConfig.from(settings), context("ingest"));
    incident = IncidentService.create(IncidentConfig.from(settings), context("incident"));
    services =
        List.of(
            ingest, AlertService.create(AlertConfig.from(settings), context("alert")), incident);
    get(Future.all(services.stream().map(Service::start).toList()));
  }

  @AfterEach
  void stop() throws Exception {
    for (Service service : services) {
      get(service.stop());
    }
    get(vertx.close());
    slack.close();
    kafka.close();
  }

  private ServiceContext context(String name) {
    return new ServiceContext(vertx, ProcessMetrics.registry(name), InstantSource.system());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(90, TimeUnit.SECONDS);
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  private void export() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(ingest.endpoints().get("OTLP HTTP") + "/v1/traces"))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(EXPORT))
            .build();
    assertThat(send(request).statusCode()).isEqualTo(200);
  }

  private List<JsonObject> incidents() throws Exception {
    URI all = URI.create(incident.endpoints().get("incident API"));
    return new JsonObject(send(HttpRequest.newBuilder(all).build()).body())
        .getJsonArray("incidents").stream().map(JsonObject.class::cast).toList();
  }

  @Test
  void instanceWithNuls_pagesOnce_withTheTextThatCanBeHeld() throws Exception {
    export();
    String page = slack.awaitRequest("/hook", PATIENCE).text();
    assertThat(page).contains("host1\uFFFD\uFFFD").doesNotContain("\\u0000", "\u0000");
    export();
    String stated = statedAt();
    // Stated again, it stays one incident and one page.
    await().atMost(PATIENCE).until(() -> !statedAt().equals(stated));
    assertThat(incidents()).hasSize(1);
    assertThat(slack.requests()).hasSize(1);
    assertThat(get(incident.check()).issues()).isEmpty();
  }

  /** When the alert was last said to fire. */
  private String statedAt() throws Exception {
    try (var connection = Backends.connect(database);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select stated_at from incident.incident")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
