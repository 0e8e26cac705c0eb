package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Status;
import dev.tocsin.common.contract.StorageLimitsRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import dev.tocsin.common.kafka.KafkaTopics;
import dev.tocsin.common.kafka.RecordProducer;
import dev.tocsin.testkit.Backends;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a sender is told: nothing vanishes behind an empty answer. */
class ToldIT {
  private static final Instant NOW = Instant.ofEpochMilli(1_795_999_200_000L);
  private static final String PROTOBUF = "application/x-protobuf";
  private static final String JSON = "application/json";
  private static final StorageLimitsRecord WEEK =
      new StorageLimitsRecord(
          Duration.ofDays(7),
          Duration.ofDays(7),
          Duration.ofDays(30),
          Duration.ofHours(1),
          16_384,
          512);

  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final Topic topic = new Topic(Backends.uniqueName("limits"), false, true);
  private static final Vertx vertx = Vertx.vertx();
  private static RecordProducer storage;
  private static RunningIngest ingest;

  @BeforeAll
  static void start() {
    KafkaSettings kafka = RunningIngest.kafkaSettings(Backends.kafka());
    RunningIngest.await(new KafkaTopics(vertx, kafka, List.of(topic)).start());
    storage = new RecordProducer(vertx, kafka, List.of(topic), Map.of());
    RunningIngest.await(storage.start());
    publish(WEEK);
    ingest = RunningIngest.start(Backends.kafka(), InstantSource.fixed(NOW), topic);
  }

  @AfterAll
  static void stop() {
    ingest.close();
    RunningIngest.await(storage.stop());
    RunningIngest.await(vertx.close());
  }

  @BeforeEach
  void week() {
    publish(WEEK);
    await().until(() -> rejected("/v1/traces", read("told/old_8d.json")) == 1);
  }

  @Test
  void itemsOutsideOfTheWindow_areRejected_withWindowAndLikelyCause() throws Exception {
    JsonObject old = partial("/v1/traces", read("told/old_8d.json"));
    assertThat(old.getString("rejectedSpans")).isEqualTo("1");
    assertThat(old.getString("errorMessage"))
        .startsWith("1 with an invalid time")
        .contains("(expected: from 7 days ago to 60 minutes ahead): older than what is kept")
        .contains("the first is 1795307984132251139 = 2026-11-22T");
    JsonObject millis = partial("/v1/traces", read("told/ts_ms.json"));
    assertThat(millis.getString("rejectedSpans")).isEqualTo("1");
    assertThat(millis.getString("errorMessage"))
        .contains("it looks like milliseconds (expected: nanoseconds since 1970)")
        .contains("1795999184127 = 1970-01-01T");
    for (String name : List.of("trace", "metrics", "logs", "events")) {
      String path = name.equals("trace") ? "traces" : name.equals("events") ? "logs" : name;
      JsonObject told = partial("/v1/" + path, read("official/" + name + ".json"));
      assertThat(told.getString("errorMessage")).as(name).contains("2018-12-13T14:51:00");
      assertThat(told.encode())
          .containsPattern("rejected[A-Za-z]+\":\"" + (path.equals("metrics") ? 4 : 1));
    }
  }

  @Test
  void gRpcIsToldTheSame_andTheRestIsKept() throws Exception {
    long good = NOW.toEpochMilli() * 1_000_000;
    String service = Backends.uniqueName("told");
    var scope =
        ScopeSpans.newBuilder()
            .addSpans(Otlp.span(1).toBuilder().setStartTimeUnixNano(good))
            .addSpans(
                Otlp.span(2).toBuilder()
                    .setStartTimeUnixNano(good)
                    .setEndTimeUnixNano(Long.MIN_VALUE))
            .addSpans(Otlp.span(3));
    try (GrpcClient grpc = new GrpcClient(ingest.grpc())) {
      byte[] answer =
          grpc.call(
              GrpcClient.TRACES,
              Otlp.traces(service, scope).toByteArray(),
              CallOptions.DEFAULT,
              new Metadata());
      var partial = ExportTraceServiceResponse.parseFrom(answer).getPartialSuccess();
      assertThat(partial.getRejectedSpans()).isEqualTo(2);
      assertThat(partial.getErrorMessage())
          .contains("1 with an invalid end time of a span")
          .contains("9223372036854775808 = 2262-04-11")
          .contains("no time is set");
    }
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      var found = reader.await(message -> !TopicReader.spans(message, service).isEmpty());
      assertThat(found).hasSize(1);
      assertThat(TopicReader.spans(found.get(0), service)).hasSize(1);
    }
  }

  @Test
  void rejections_areCounted_noted_andKeptWithTheirService() throws Exception {
    assertThat(rejected("/v1/traces", read("told/ts_ms.json"))).isEqualTo(1);
    assertThat(ingest.scrape())
        .containsPattern("otlp_refused_spans_total\\{reason=\"time_outside\".* [1-9]")
        .containsPattern(
            "otlp_items_total\\{key=\"none\",outcome=\"refused\",reason=\"time_outside\".*traces");
    JsonObject health = json(get("/health"));
    assertThat(health.getString("status")).isEqualTo("Healthy");
    assertThat(health.getJsonArray("notes").encode())
        .contains("spans rejected as time_outside")
        .contains("service 'jb'")
        .contains("it looks like milliseconds");
    String rejections = get("/api/v1/rejections");
    assertThat(rejections).contains("\"service\":\"jb\"").contains("\"example\":\"1795999184127 =");
  }

  @Test
  void pointsWithLabelsThatAreTooLong_areRejected_andTheOthersKept() {
    String points =
        """
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"long"}}]},
         "scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[
          {"timeUnixNano":"%d","asDouble":1,"attributes":[{"key":"sql","value":{"stringValue":"%s"}}]},
          {"timeUnixNano":"%d","asDouble":1}]}}]}]}]}
        """
            .formatted(
                NOW.toEpochMilli() * 1_000_000, "x".repeat(17_000), NOW.toEpochMilli() * 1_000_000);
    JsonObject told = partial("/v1/metrics", points.getBytes(UTF_8));
    assertThat(told.getString("rejectedDataPoints")).isEqualTo("1");
    assertThat(told.getString("errorMessage"))
        .contains("length of labels")
        .contains("at most 16384 characters, names up to 512");
  }

  @Test
  void limits_areFollowed_andWithoutThemEverythingIsTaken() {
    publish(null);
    await().until(() -> rejected("/v1/traces", read("told/old_8d.json")) == 0);
    assertThat(get("/health"))
        .contains("\"status\":\"Healthy\"")
        .contains("what storage takes is not known");
    publish(
        new StorageLimitsRecord(
            Duration.ofDays(9),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ZERO,
            16_384,
            512));
    await().until(() -> rejected("/v1/logs", read("official/logs.json")) == 1);
    assertThat(rejected("/v1/traces", read("told/old_8d.json"))).isZero();
  }

  @Test
  void badBytes_loseNothing_andAreToldOf() throws Exception {
    HttpResponse<byte[]> answer = post("/v1/logs", PROTOBUF, read("told/utf8_one_bad_of_200.pb"));
    assertThat(answer.statusCode()).isEqualTo(200);
    String told =
        io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse.parseFrom(answer.body())
            .getPartialSuccess()
            .getErrorMessage();
    assertThat(told).contains("warning: text that is no UTF-8").contains("1 text, in ");
    assertThat(ingest.scrape())
        .containsPattern("otlp_repaired_total\\{.*signal=\"logs\".* [1-9]")
        .containsPattern(
            "otlp_warnings_total\\{.*signal=\"logs\",warning=\"invalid_utf8\".* [1-9]");
  }

  @Test
  void badBytesInJson_andHalvesOfCharacters_becomeReplacementCharacters() throws Exception {
    String service = Backends.uniqueName("half");
    String json =
        """
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"%s"}}]},
         "scopeLogs":[{"logRecords":[{"body":{"stringValue":"caf#\\ud800?"}},{"body":{"stringValue":"ok?"}}]}]}]}
        """
            .formatted(service);
    byte[] body = json.getBytes(UTF_8);
    body[json.indexOf('#')] = (byte) 0xe9;
    JsonObject told = partial("/v1/logs", body);
    assertThat(told.getString("errorMessage"))
        .contains("text that is no UTF-8")
        .contains("1 text, in stringValue");
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.LOGS)) {
      var found = reader.await(message -> new String(message.value(), UTF_8).contains(service));
      var records =
          ExportLogsServiceRequest.parseFrom(found.get(0).value())
              .getResourceLogs(0)
              .getScopeLogs(0);
      assertThat(records.getLogRecords(0).getBody().getStringValue()).isEqualTo("caf\ufffd\ufffd?");
      assertThat(records.getLogRecords(1).getBody().getStringValue()).isEqualTo("ok?");
    }
  }

  @Test
  void unknownValuesAndFields_areWarnedOf_byName() throws Exception {
    assertThat(partial("/v1/traces", read("told/enum_unknown.json")).getString("errorMessage"))
        .contains("Span.kind 17 (expected: 0 to 5)")
        .contains("Status.code 9 (expected: 0 to 2)");
    String named =
        new String(read("told/enum_unknown.json"), UTF_8)
            .replace("\"kind\":17", "\"kind\":\"SPAN_KIND_NEW\"");
    assertThat(partial("/v1/traces", named.getBytes(UTF_8)).getString("errorMessage"))
        .contains("kind 'SPAN_KIND_NEW'");
    JsonObject old = partial("/v1/traces", read("told/ils.json"));
    assertThat(old.getString("errorMessage"))
        .contains("nothing to store was found: instrumentationLibrarySpans is not known");
    assertThat(old.fieldNames()).containsExactly("errorMessage");
    assertThat(partial("/v1/logs", read("official/trace.json")).getString("errorMessage"))
        .contains("resourceSpans is not known: traces go to /v1/traces");
    byte[] logs = read("told/utf8_one_bad_of_200.pb");
    assertThat(post("/v1/metrics", PROTOBUF, new byte[0]).body()).isEmpty();
    assertThat(logs).isNotEmpty();
  }

  @Test
  void whatTheHeadersDeny_isNamed() throws Exception {
    HttpResponse<byte[]> json = post("/v1/traces", PROTOBUF, read("told/old_8d.json"));
    assertThat(json.statusCode()).isEqualTo(400);
    assertThat(Status.parseFrom(json.body()).getMessage())
        .contains("this is JSON, the content type says protobuf");
    byte[] spans = Otlp.traces("x", 1, 3).toByteArray();
    HttpResponse<byte[]> protobuf = post("/v1/traces", JSON, spans);
    assertThat(protobuf.statusCode()).isEqualTo(400);
    assertThat(new String(protobuf.body(), UTF_8))
        .contains("this is protobuf, the content type says JSON");
    HttpResponse<byte[]> other = post("/v1/logs", PROTOBUF, spans);
    assertThat(new String(other.body(), UTF_8))
        .contains("this looks like traces, which go to /v1/traces");
  }

  @Test
  void slashesTooMany_doNoHarm() throws Exception {
    for (String path : List.of("/v1/traces/", "//v1/traces", "/v1/logs/")) {
      assertThat(post(path, PROTOBUF, new byte[0]).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void exporterAtTheAdminPort_isToldTheRightOne() throws Exception {
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(ingest.admin() + "/v1/traces"))
                .header("content-type", PROTOBUF)
                .POST(BodyPublishers.ofByteArray(Otlp.traces("x", 1, 1).toByteArray()))
                .build(),
            BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(new String(answer.body(), UTF_8))
        .contains("this port of ingest-service takes no OTLP");
  }

  private static void publish(@Nullable StorageLimitsRecord limits) {
    byte[] value = limits == null ? null : limits.encode();
    byte[] key = StorageLimitsRecord.KEY.getBytes(UTF_8);
    var unused = RunningIngest.await(storage.send(new ProducerRecord<>(topic.name(), key, value)));
  }

  private static int rejected(String path, byte[] json) {
    JsonObject partial = partial(path, json);
    return partial.fieldNames().stream()
        .filter(name -> name.startsWith("rejected"))
        .mapToInt(name -> Integer.parseInt(partial.getString(name)))
        .sum();
  }

  private static JsonObject partial(String path, byte[] json) {
    try {
      HttpResponse<byte[]> answer = post(path, JSON, json);
      assertThat(answer.statusCode()).isEqualTo(200);
      return json(new String(answer.body(), UTF_8))
          .getJsonObject("partialSuccess", new JsonObject());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static JsonObject json(String text) {
    return new JsonObject(text);
  }

  private static String get(String path) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(ingest.admin() + path)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<byte[]> post(String path, String type, byte[] body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(ingest.http() + path))
            .header("content-type", type)
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static byte[] read(String name) {
    try (InputStream in = ToldIT.class.getResourceAsStream("/" + name)) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
