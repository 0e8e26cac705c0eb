package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Status;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HttpIT {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";

  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static RunningIngest ingest;

  @BeforeAll
  static void start() throws Exception {
    ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.request_size_max", "2MiB",
                "ingest.in_flight_size_max", "4MiB",
                "ingest.cors_origins", "https://shop.example"));
  }

  @AfterAll
  static void stop() throws Exception {
    ingest.close();
  }

  @Test
  void protobuf_isInKafkaWithEachTraceInOnePartition_whenItIsAnswered() throws Exception {
    String service = Backends.uniqueName("http");
    HttpResponse<byte[]> response =
        post("/v1/traces", PROTOBUF, Otlp.traces(service, 1, 200).toByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).hasValue(PROTOBUF);
    assertThat(response.body()).isEmpty();
    Set<String> names = new HashSet<>();
    Set<Integer> partitions = new HashSet<>();
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      for (var message : reader.readToEnd()) {
        assertThat(message.key()).isNull();
        TopicReader.spans(message, service)
            .forEach(
                span -> {
                  assertThat(names.add(span.getName())).isTrue();
                  partitions.add(message.partition());
                });
      }
    }
    assertThat(names).hasSize(200);
    assertThat(partitions).hasSize(4);
  }

  @Test
  void protobufOfOneTrace_goesThroughByteForByte() throws Exception {
    String service = Backends.uniqueName("bytes");
    byte[] body = Otlp.traces(service, 9, 1).toByteArray();
    assertThat(post("/v1/traces", PROTOBUF, gzip(body), "content-encoding", "gzip").statusCode())
        .isEqualTo(200);
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      var found = reader.await(message -> !TopicReader.spans(message, service).isEmpty());
      assertThat(found).hasSize(1);
      assertThat(found.get(0).value()).isEqualTo(body);
    }
  }

  @Test
  void json_arrivesAsProtobuf_andIsAnsweredInJson() throws Exception {
    String service = Backends.uniqueName("json");
    String json =
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},
         "scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",
         "name":"json","kind":2,"startTimeUnixNano":"1544712660000000000"}]}]}]}
        """
            .formatted(service);
    HttpResponse<byte[]> response =
        post("/v1/traces", "application/json; charset=utf-8", json.getBytes(UTF_8));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(text(response)).isEqualTo("{}");
    assertThat(response.headers().firstValue("content-type")).hasValue(JSON);
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      var found = reader.await(message -> !TopicReader.spans(message, service).isEmpty());
      var span = TopicReader.spans(found.get(0), service).get(0);
      assertThat(span.getKindValue()).isEqualTo(2);
      assertThat(span.getTraceId().size()).isEqualTo(16);
    }
  }

  @Test
  void invalidSpans_areReportedByPartialSuccess_andTheRestIsKept() throws Exception {
    String service = Backends.uniqueName("partial");
    var scope =
        ScopeSpans.newBuilder()
            .addSpans(Otlp.span(5))
            .addSpans(Otlp.span(6).toBuilder().clearSpanId())
            .addSpans(Otlp.span(7).toBuilder().clearTraceId());
    HttpResponse<byte[]> response =
        post("/v1/traces", PROTOBUF, Otlp.traces(service, scope).toByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    var partial = ExportTraceServiceResponse.parseFrom(response.body()).getPartialSuccess();
    assertThat(partial.getRejectedSpans()).isEqualTo(2);
    assertThat(partial.getErrorMessage())
        .contains("1 with an invalid trace id")
        .contains("1 with an invalid span id (expected: 8 bytes");
    HttpResponse<byte[]> json =
        post("/v1/traces", JSON, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]}");
    assertThat(
            new JsonObject(text(json)).getJsonObject("partialSuccess").getString("rejectedSpans"))
        .isEqualTo("1");
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      var found = reader.await(message -> !TopicReader.spans(message, service).isEmpty());
      assertThat(TopicReader.spans(found.get(0), service)).containsExactly(Otlp.span(5));
    }
  }

  @Test
  void emptyRequests_succeed() throws Exception {
    for (String path : new String[] {"/v1/traces", "/v1/metrics", "/v1/logs"}) {
      assertThat(post(path, PROTOBUF, new byte[0]).statusCode()).isEqualTo(200);
      assertThat(text(post(path, JSON, "{}"))).isEqualTo("{}");
    }
  }

  @Test
  void malformedBodies_are400_withStatusInTheirEncoding() throws Exception {
    HttpResponse<byte[]> protobuf = post("/v1/logs", PROTOBUF, "no protobuf".getBytes(UTF_8));
    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(protobuf.headers().firstValue("content-type")).hasValue(PROTOBUF);
    Status status = Status.parseFrom(protobuf.body());
    assertThat(status.getCode()).isEqualTo(3);
    assertThat(status.getMessage()).contains("no logs export request, byte ");
    assertThat(status.getDetails(0).is(com.google.rpc.BadRequest.class)).isTrue();
    HttpResponse<byte[]> json = post("/v1/logs", JSON, "{\"resourceLogs\":7}");
    assertThat(json.statusCode()).isEqualTo(400);
    assertThat(json.headers().firstValue("content-type")).hasValue(JSON);
    assertThat(new JsonObject(text(json)).getInteger("code")).isEqualTo(3);
    assertThat(new JsonObject(text(json)).getString("message"))
        .contains("resourceLogs: not usable");
    HttpResponse<byte[]> gzip =
        post(
            "/v1/logs",
            PROTOBUF,
            "no gzip, no gzip, no gzip".getBytes(UTF_8),
            "content-encoding",
            "gzip");
    assertThat(gzip.statusCode()).isEqualTo(400);
    assertThat(ingest.scrape()).contains("otlp_errors_total{reason=\"malformed\"");
  }

  @Test
  void everyOtherError_isAStatusToo() throws Exception {
    assertStatus(post("/v1/trace", PROTOBUF, new byte[0]), 404, 12);
    assertStatus(post("/v1/traces", PROTOBUF, new byte[0], "content-encoding", "br"), 415, 12);
    HttpResponse<byte[]> text = post("/v1/traces", "text/plain", "x");
    assertThat(text.statusCode()).isEqualTo(415);
    assertThat(new JsonObject(text(text)).getString("message"))
        .isEqualTo(
            "content-type: text/plain (expected: application/x-protobuf or application/json)");
    HttpResponse<byte[]> get =
        client.send(
            HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces")).GET().build(),
            BodyHandlers.ofByteArray());
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("allow")).hasValue("POST, OPTIONS");
    assertThat(new JsonObject(text(get)).getInteger("code")).isEqualTo(12);
  }

  @Test
  void tooLarge_is413_asSentAndAsInflated() throws Exception {
    assertStatus(post("/v1/traces", PROTOBUF, new byte[3 << 20]), 413, 8);
    HttpResponse<byte[]> chunked =
        client.send(
            request("/v1/traces", PROTOBUF)
                .POST(
                    BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[3 << 20])))
                .build(),
            BodyHandlers.ofByteArray());
    assertStatus(chunked, 413, 8);
    byte[] bomb = gzip(new byte[100 << 20]);
    assertStatus(post("/v1/traces", PROTOBUF, bomb, "content-encoding", "gzip"), 413, 8);
  }

  @Test
  void requestsOverTheBudget_are503WithRetryAfter_andPassAfterwards() throws Exception {
    byte[] half = new byte[(2 << 20) - 100];
    try (Socket first = upload(half.length);
        Socket second = upload(half.length);
        Socket third = upload(half.length)) {
      for (Socket socket : new Socket[] {first, second, third}) {
        socket.getOutputStream().write(half, 0, half.length - 1);
        socket.getOutputStream().flush();
      }
      HttpResponse<byte[]> refused = awaitRefusal();
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after").orElse("none")).isIn("1", "2");
      Status status = Status.parseFrom(refused.body());
      assertThat(status.getCode()).isEqualTo(14);
      var retry = status.getDetails(0).unpack(com.google.rpc.RetryInfo.class);
      assertThat(retry.getRetryDelay().getSeconds()).isEqualTo(1);
    }
    await()
        .until(
            () ->
                post("/v1/traces", PROTOBUF, Otlp.traces("s", 1, 1).toByteArray()).statusCode()
                    == 200);
  }

  private static HttpResponse<byte[]> awaitRefusal() {
    byte[] body = Otlp.traces("s", 1, 5_000).toByteArray();
    return await()
        .until(() -> post("/v1/traces", PROTOBUF, body), response -> response.statusCode() != 200);
  }

  private static Socket upload(int length) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port(ingest.http()));
    String head =
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: "
            + PROTOBUF
            + "\r\ncontent-length: "
            + length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    return socket;
  }

  @Test
  void preflight_isAnsweredForListedOriginsOnly() throws Exception {
    HttpResponse<byte[]> known = preflight("https://shop.example");
    assertThat(known.statusCode()).isEqualTo(204);
    assertThat(known.headers().firstValue("access-control-allow-origin"))
        .hasValue("https://shop.example");
    assertThat(known.headers().firstValue("access-control-allow-methods")).hasValue("POST");
    assertThat(known.headers().firstValue("access-control-allow-headers"))
        .hasValue("content-type,x-any");
    assertThat(known.headers().firstValue("access-control-max-age")).hasValue("7200");
    assertThat(preflight("https://evil.example").headers().map())
        .doesNotContainKey("access-control-allow-origin");
    HttpResponse<byte[]> error =
        post("/v1/traces", JSON, "nonsense".getBytes(UTF_8), "origin", "https://shop.example");
    assertThat(error.statusCode()).isEqualTo(400);
    assertThat(error.headers().firstValue("access-control-allow-origin"))
        .hasValue("https://shop.example");
  }

  @Test
  void http2WithoutTls_isServedOnTheSamePort() throws Exception {
    HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpRequest request =
        request("/v1/traces", PROTOBUF)
            .POST(BodyPublishers.ofByteArray(Otlp.traces("h2", 1, 1).toByteArray()))
            .build();
    assertThat(http2.send(request, BodyHandlers.ofByteArray()).statusCode()).isEqualTo(200);
  }

  @Test
  void admin_tellsHealthReadinessAndCounts() throws Exception {
    post("/v1/traces", PROTOBUF, Otlp.traces("counted", 1, 3).toByteArray());
    assertThat(get(ingest.admin() + "/health").statusCode()).isEqualTo(200);
    assertThat(text(get(ingest.admin() + "/ready"))).isEqualTo("{\"ready\":true}");
    String metrics = text(get(ingest.admin() + "/metrics"));
    assertThat(metrics)
        .contains(
            "otlp_requests_total{service=\"ingest-service\",signal=\"traces\",transport=\"http\"}")
        .contains("otlp_accepted_spans_total{service=\"ingest-service\",transport=\"http\"}")
        .contains("otlp_latency_seconds_bucket")
        .contains("otlp_in_flight_bytes")
        .containsPattern("otlp_active_connections\\{service=\"ingest-service\"} [1-9]");
  }

  private static void assertStatus(HttpResponse<byte[]> response, int http, int code)
      throws Exception {
    assertThat(response.statusCode()).isEqualTo(http);
    assertThat(response.headers().firstValue("content-type")).hasValue(PROTOBUF);
    Status status = Status.parseFrom(response.body());
    assertThat(status.getCode()).isEqualTo(code);
    assertThat(status.getMessage()).contains("expected: ");
    assertThat(status.getDetailsList()).isEmpty();
  }

  private static HttpResponse<byte[]> preflight(String origin) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
            .method("OPTIONS", BodyPublishers.noBody())
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-any")
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> get(String url) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> post(String path, String type, String body) throws Exception {
    return post(path, type, body.getBytes(UTF_8));
  }

  private static HttpResponse<byte[]> post(String path, String type, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request = request(path, type).POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static HttpRequest.Builder request(String path, String type) {
    return HttpRequest.newBuilder(URI.create(ingest.http() + path)).header("content-type", type);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }
}
