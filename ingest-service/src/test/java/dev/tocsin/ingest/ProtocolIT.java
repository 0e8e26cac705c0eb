package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.ingest.body.Compressed;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the protocol says on the wire, beyond the usual: encodings, gRPC-Web, profiles, errors. */
class ProtocolIT {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final String TRACES_METHOD = "/" + GrpcClient.TRACES;
  private static final String PROFILES_METHOD =
      "opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";

  private static RunningIngest ingest;
  private static HttpClient http1;
  private static HttpClient http2;

  private record Answer(HttpClientResponse head, Buffer body) {}

  @BeforeAll
  static void start() {
    ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of("ingest.request_size_max", "2MiB", "ingest.in_flight_size_max", "32MiB"));
    http1 = ingest.vertx().createHttpClient();
    http2 =
        ingest
            .vertx()
            .createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void everyEncoding_isTaken_byBothTransports_andItsBombsAreNot() {
    byte[] plain = Otlp.traces("encodings", 1, 50).toByteArray();
    byte[] zeros = new byte[8 << 20];
    for (Compressed form : Compressed.values()) {
      String name = form.encoding().label();
      Answer taken = http("/v1/traces", PROTOBUF, form.of(plain), "content-encoding", name);
      assertThat(taken.head().statusCode()).as(form.name()).isEqualTo(200);
      assertThat(grpcStatus(name, form.of(plain))).as(form.name()).isEqualTo("0");
      byte[] bomb = form.of(zeros);
      Answer refused = http("/v1/traces", PROTOBUF, bomb, "content-encoding", name);
      assertThat(refused.head().statusCode()).as(form.name()).isEqualTo(413);
      assertThat(grpcStatus(name, bomb)).as(form.name()).isEqualTo("8");
      byte[] noise = "nothing of the kind, whatever it may be".getBytes(UTF_8);
      Answer malformed = http("/v1/traces", PROTOBUF, noise, "content-encoding", name);
      assertThat(malformed.head().statusCode()).as(form.name()).isEqualTo(400);
    }
  }

  private static String grpcStatus(String encoding, byte[] message) {
    Answer answer =
        send(
            http2,
            ingest.grpc(),
            TRACES_METHOD,
            "application/grpc",
            frame(1, message),
            "grpc-encoding",
            encoding);
    String early = answer.head().getHeader("grpc-status");
    return early == null ? answer.head().getTrailer("grpc-status") : early;
  }

  @Test
  void chainsOfEncodings_are415_withTheListOfWhatIsTaken() throws Exception {
    Answer chain = http("/v1/traces", PROTOBUF, new byte[9], "content-encoding", "gzip, zstd");
    assertThat(chain.head().statusCode()).isEqualTo(415);
    assertThat(chain.head().getHeader("accept-encoding"))
        .isEqualTo("identity,gzip,zstd,deflate,snappy");
    assertThat(Status.parseFrom(chain.body().getBytes()).getMessage())
        .startsWith("content-encoding: gzip, zstd (expected: identity,gzip");
  }

  @Test
  void profiles_goToTheirTopicWhole_overBothTransports() throws Exception {
    String service = Backends.uniqueName("profiles");
    var request = ExportProfilesServiceRequest.newBuilder();
    request.getDictionaryBuilder().addStringTable("").addStringTable(service);
    for (int i = 0; i < 3; i++) {
      var profiles = request.addResourceProfilesBuilder().setResource(Otlp.resource(service + i));
      profiles.addScopeProfilesBuilder().addProfilesBuilder().setTimeUnixNano(7);
    }
    byte[] bytes = request.build().toByteArray();
    Answer http = http("/v1development/profiles", PROTOBUF, bytes);
    assertThat(http.head().statusCode()).isEqualTo(200);
    assertThat(http.body().length()).isZero();
    try (GrpcClient grpc = new GrpcClient(ingest.grpc())) {
      assertThat(grpc.call(PROFILES_METHOD, bytes)).isEmpty();
    }
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.PROFILES)) {
      assertThat(reader.readToEnd())
          .filteredOn(message -> new String(message.value(), ISO_8859_1).contains(service))
          .hasSize(2)
          .allSatisfy(message -> assertThat(message.value()).isEqualTo(bytes));
    }
    assertThat(ingest.scrape()).contains("otlp_accepted_profiles_total{");
  }

  @Test
  void faultyPoints_areCountedByReason_andTheRestIsKept() throws Exception {
    String service = Backends.uniqueName("points");
    var good = HistogramDataPoint.newBuilder().setTimeUnixNano(5).addBucketCounts(1).build();
    var histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
            .addDataPoints(HistogramDataPoint.newBuilder())
            .addDataPoints(good)
            .addDataPoints(good.toBuilder().addBucketCounts(2));
    Metric metric = Metric.newBuilder().setName("h").setHistogram(histogram).build();
    byte[] request =
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder()
                    .setResource(Otlp.resource(service))
                    .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
            .build()
            .toByteArray();
    Answer answer = http("/v1/metrics", PROTOBUF, request);
    assertThat(answer.head().statusCode()).isEqualTo(200);
    var partial =
        ExportMetricsServiceResponse.parseFrom(answer.body().getBytes()).getPartialSuccess();
    assertThat(partial.getRejectedDataPoints()).isEqualTo(2);
    assertThat(partial.getErrorMessage())
        .contains("1 with an invalid time of a data point")
        .contains("1 with an invalid histogram (expected: one bucket count more than bounds");
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.METRICS)) {
      var found =
          reader.await(message -> new String(message.value(), ISO_8859_1).contains(service));
      var kept =
          ExportMetricsServiceRequest.parseFrom(found.get(0).value())
              .getResourceMetrics(0)
              .getScopeMetrics(0)
              .getMetrics(0);
      assertThat(kept.getHistogram().getDataPointsList()).containsExactly(good);
    }
  }

  @Test
  void warnings_areToldWithoutRejecting() {
    String json =
        """
        {"resourceLogs":[{"scopeLogs":[{"logRecords":[
          {"severity_number":"SEVERITY_NUMBER_INFO","attributes":[{"keyStrindex":2}]}]}]}]}
        """;
    Answer answer = http("/v1/logs", JSON, json.getBytes(UTF_8));
    assertThat(answer.head().statusCode()).isEqualTo(200);
    JsonObject partial = answer.body().toJsonObject().getJsonObject("partialSuccess");
    assertThat(partial.fieldNames()).containsExactly("errorMessage");
    assertThat(partial.getString("errorMessage"))
        .contains("warning: key_strindex")
        .contains("warning: JSON with enum names")
        .contains("warning: JSON with snake_case");
  }

  @Test
  void grpcWeb_isTaken_onBothPorts_binaryAndText() throws Exception {
    Buffer call = frame(0, Otlp.traces("web", 1, 1).toByteArray());
    Buffer partial = frame(0, Otlp.traces("web", 1, 1).toByteArray());
    for (String address : List.of(ingest.grpc(), ingest.http())) {
      for (HttpClient client : List.of(http1, http2)) {
        Answer binary = send(client, address, TRACES_METHOD, "application/grpc-web+proto", call);
        assertThat(binary.head().getHeader("content-type")).isEqualTo("application/grpc-web+proto");
        assertThat(binary.body().getBytes(0, 5)).containsExactly(0, 0, 0, 0, 0);
        assertThat(binary.body().getByte(5)).isEqualTo((byte) 0x80);
        assertThat(binary.body().getString(10, binary.body().length()))
            .isEqualTo("grpc-status: 0\r\n");
      }
    }
    // Each piece with padding of its own, as browsers send frames.
    String pieces =
        base64(partial.getBuffer(0, 5)) + base64(partial.getBuffer(5, partial.length()));
    Answer text =
        send(
            http1,
            ingest.grpc(),
            TRACES_METHOD,
            "application/grpc-web-text",
            Buffer.buffer(pieces));
    assertThat(Base64.getDecoder().decode(text.body().getBytes()))
        .endsWith("grpc-status: 0\r\n".getBytes(UTF_8));
    Answer broken =
        send(
            http1,
            ingest.grpc(),
            TRACES_METHOD,
            "application/grpc-web-text",
            Buffer.buffer("A?=="));
    assertThat(new String(Base64.getDecoder().decode(broken.body().getBytes()), UTF_8))
        .contains("grpc-status: 3\r\n");
    Answer refused =
        send(http1, ingest.grpc(), TRACES_METHOD, "application/grpc-web", frame(0, new byte[9]));
    assertThat(refused.head().statusCode()).isEqualTo(200);
    assertThat(refused.body().toString())
        .contains("grpc-status: 3\r\ngrpc-message: body: no traces export request")
        .contains("grpc-status-details-bin: ");
  }

  private static String base64(Buffer bytes) {
    return Base64.getEncoder().encodeToString(bytes.getBytes());
  }

  @Test
  void everyPort_takesAllOfOtlp() throws Exception {
    String httpPort = ingest.http().substring("http://".length());
    try (GrpcClient grpc = new GrpcClient(httpPort)) {
      assertThat(grpc.call(GrpcClient.TRACES, new byte[0])).isEmpty();
    }
    Buffer body = Buffer.buffer(Otlp.traces("port", 1, 1).toByteArray());
    Answer answer = send(http1, ingest.grpc(), "/v1/traces", PROTOBUF, body);
    assertThat(answer.head().statusCode()).isEqualTo(200);
    assertThat(ExportTraceServiceResponse.parseFrom(answer.body().getBytes()).hasPartialSuccess())
        .isFalse();
  }

  @Test
  void errors_areStatuses_whereverTheyOccur() throws Exception {
    Answer root = http("/", PROTOBUF, new byte[0]);
    assertThat(root.head().statusCode()).isEqualTo(404);
    assertThat(Status.parseFrom(root.body().getBytes()).getMessage())
        .startsWith("the endpoint lacks the signal's path: for traces it is /v1/traces");
    for (String address : List.of(ingest.grpc(), ingest.http())) {
      assertStatus(400, raw(address, "this is no HTTP at all\r\n\r\n"));
      assertStatus(414, raw(address, "POST /" + "x".repeat(9_000) + " HTTP/1.1\r\n\r\n"));
      assertStatus(
          431, raw(address, "POST / HTTP/1.1\r\nhost: a\r\nx: " + "y".repeat(20_000) + "\r\n\r\n"));
      assertStatus(
          405, raw(address, "GET /v1/traces HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
      assertStatus(
          415,
          raw(
              address,
              "POST "
                  + TRACES_METHOD
                  + " HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
      assertStatus(
          505,
          raw(
              address,
              "POST "
                  + TRACES_METHOD
                  + " HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\n"
                  + "content-length: 0\r\nconnection: close\r\n\r\n"));
    }
  }

  private static void assertStatus(int code, String answer) {
    assertThat(answer).matches("(?s)HTTP/1\\.[01] " + code + " .*");
    JsonObject status = new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(status.getInteger("code")).as(answer).isPositive();
    assertThat(status.getString("message")).isNotEmpty();
  }

  /** Sends bytes and reads until the server closes. */
  private static String raw(String address, String text) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port(address))) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static Answer http(String path, String type, byte[] body, String... header) {
    return send(http1, ingest.http(), path, type, Buffer.buffer(body), header);
  }

  private static Answer send(
      HttpClient client, String address, String path, String type, Buffer body, String... header) {
    return RunningIngest.await(
        client
            .request(HttpMethod.POST, ingest.port(address), "127.0.0.1", path)
            .compose(request -> exchange(request, type, body, header)));
  }

  /** On the event loop from end to end: elsewhere, a body that is there at once may be missed. */
  private static Future<Answer> exchange(
      HttpClientRequest request, String type, Buffer body, String... header) {
    request.putHeader("content-type", type);
    if (header.length == 2) {
      request.putHeader(header[0], header[1]);
    }
    return request.send(body).compose(head -> head.body().map(bytes -> new Answer(head, bytes)));
  }

  private static Buffer frame(int flag, byte[] message) {
    return Buffer.buffer().appendByte((byte) flag).appendInt(message.length).appendBytes(message);
  }
}
