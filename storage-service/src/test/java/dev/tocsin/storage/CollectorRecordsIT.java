package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.Collector;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an OpenTelemetry Collector writes to Kafka itself, to its default topics, with keys and
 * without: what it was sent is what is read back.
 */
final class CollectorRecordsIT {
  private static final int PARTITIONS = 3;
  private static final int TRACES = 12;

  private static final String CONFIGURATION =
      """
      receivers:
        otlp/plain: {protocols: {http: {endpoint: '127.0.0.1:%1$d'}}}
        otlp/keyed: {protocols: {http: {endpoint: '127.0.0.1:%2$d'}}}
      exporters:
        kafka/plain: {brokers: ['%3$s']}
        kafka/keyed:
          brokers: ['%3$s']
          partition_traces_by_id: true
          partition_metrics_by_resource_attributes: true
          partition_logs_by_resource_attributes: true
      service:
        pipelines:
          traces/plain: {receivers: [otlp/plain], exporters: [kafka/plain]}
          logs/plain: {receivers: [otlp/plain], exporters: [kafka/plain]}
          metrics/plain: {receivers: [otlp/plain], exporters: [kafka/plain]}
          traces/keyed: {receivers: [otlp/keyed], exporters: [kafka/keyed]}
          logs/keyed: {receivers: [otlp/keyed], exporters: [kafka/keyed]}
          metrics/keyed: {receivers: [otlp/keyed], exporters: [kafka/keyed]}
      """;

  @TempDir private Path directory;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Span> spans = new ArrayList<>();
  private final List<LogRecord> logs = new ArrayList<>();

  @Test
  void recordsOfTheKafkaExporter_areReadBackAsTheyWereSent() throws Exception {
    int plain = freePort();
    int keyed = freePort();
    StorageService.Topics defaults =
        new StorageService.Topics(Topic.SPANS, Topic.LOGS, Topic.METRICS, Topic.DERIVED);
    try (StorageRig rig =
            new StorageRig(Backends.freshDatabase("collector"), PARTITIONS, defaults);
        Collector collector =
            Collector.start(directory, CONFIGURATION.formatted(plain, keyed, Backends.kafka()))) {
      assertThat(collector.log()).contains("Everything is ready");
      StorageService service = rig.start();
      ByteString traceId = sendTraces(plain);
      sendTraces(keyed);
      long endMs = System.currentTimeMillis() / 15_000 * 15_000;
      Shop shop = new Shop(endMs);
      List<ExportMetricsServiceRequest> requests = shop.requests();
      for (int i = 0; i < requests.size(); i++) {
        post(i % 2 == 0 ? plain : keyed, "/v1/metrics", requests.get(i));
      }
      rig.awaitItems("span_seg", spans.size());
      rig.awaitItems("log_seg", logs.size());
      int samples = shop.series().values().stream().mapToInt(Map::size).sum();
      rig.awaitItems("metric_block", samples);

      assertThat(rig.storedSpans()).containsExactlyInAnyOrderElementsOf(spans);
      assertThat(rig.storedLogs()).containsExactlyInAnyOrderElementsOf(logs);
      JsonObject trace =
          rig.json(
              service,
              "/api/v1/traces/" + HexFormat.of().formatHex(traceId.toByteArray()) + "?logs=true");
      assertThat(trace.getJsonArray("resourceSpans")).isNotEmpty();
      assertThat(trace.getJsonArray("logs")).hasSize(1);
      assertThat(read(rig, service, endMs)).isEqualTo(withoutEnds(shop.series()));
    }
  }

  /** Traces, each with a log record; the id of the last. */
  private ByteString sendTraces(int port) throws Exception {
    ByteString traceId = ByteString.EMPTY;
    for (int i = 0; i < TRACES; i++) {
      traceId = Otlp.id(16);
      Span root = Otlp.span(traceId, "GET /" + i, Otlp.nowNanos()).build();
      Span child = Otlp.failing(traceId, root.getSpanId(), Otlp.nowNanos());
      // The Collector always writes a status.
      spans.add(root.toBuilder().setStatus(Status.getDefaultInstance()).build());
      spans.add(child);
      post(port, "/v1/traces", Otlp.spans("collected", List.of(root, child)));
      LogRecord log = Otlp.log("line " + i, Otlp.nowNanos()).setTraceId(traceId).build();
      logs.add(log);
      post(port, "/v1/logs", Otlp.logs("collected", List.of(log)));
    }
    return traceId;
  }

  private void post(int port, String path, Message request) throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("content-type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(request.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** PromQL does not give the marks that say that a series has ended. */
  private static Map<SortedMap<String, String>, SortedMap<Long, Double>> withoutEnds(
      Map<SortedMap<String, String>, SortedMap<Long, Double>> series) {
    series.values().forEach(samples -> samples.values().removeIf(value -> value.isNaN()));
    return series;
  }

  private static Map<SortedMap<String, String>, SortedMap<Long, Double>> read(
      StorageRig rig, StorageService service, long endMs) {
    String query = URLEncoder.encode("{job=\"acme/shop\"}[1h]", StandardCharsets.UTF_8);
    JsonObject answer =
        rig.json(service, "/prometheus/api/v1/query?query=" + query + "&time=" + endMs / 1_000);
    Map<SortedMap<String, String>, SortedMap<Long, Double>> found = new HashMap<>();
    for (Object item : answer.getJsonObject("data").getJsonArray("result")) {
      JsonObject series = (JsonObject) item;
      SortedMap<String, String> labels = new TreeMap<>();
      series.getJsonObject("metric").forEach(l -> labels.put(l.getKey(), l.getValue().toString()));
      SortedMap<Long, Double> samples = new TreeMap<>();
      for (Object pair : series.getJsonArray("values")) {
        JsonArray sample = (JsonArray) pair;
        samples.put(
            Math.round(sample.getDouble(0) * 1_000), Double.parseDouble(sample.getString(1)));
      }
      found.put(labels, samples);
    }
    return found;
  }
}
