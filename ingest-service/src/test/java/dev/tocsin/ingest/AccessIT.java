package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.RetryInfo;
import dev.tocsin.common.contract.AccessKeyRecord;
import dev.tocsin.common.contract.AccessKeyRecord.Limits;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from Kafka and from a file, over both transports. */
class AccessIT {
  private static final String JSON = "application/json";
  private static final String FILE_SECRET = Backends.uniqueName("file-secret");

  @TempDir static Path dir;
  private static final HttpClient client = HttpClient.newHttpClient();
  private static KafkaProducer<byte[], byte[]> keys;
  private static Path keysFile;
  private static RunningIngest ingest;
  private static GrpcClient grpc;

  @BeforeAll
  static void start() throws Exception {
    var bytes = new ByteArraySerializer();
    keys = new KafkaProducer<>(Map.of("bootstrap.servers", Backends.kafka()), bytes, bytes);
    keysFile = Files.writeString(dir.resolve("keys"), line(key("file", FILE_SECRET)));
    ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.authentication", "keys",
                "ingest.keys_file", keysFile.toString(),
                "ingest.keys_reload_interval", "50ms"));
    grpc = new GrpcClient(ingest.grpc());
  }

  @AfterAll
  static void stop() {
    grpc.close();
    ingest.close();
    keys.close();
  }

  @Test
  void keyOfTheTopic_letsItsHolderIn_untilItIsRevokedOrDeleted() throws Exception {
    String secret = Backends.uniqueName("secret");
    AccessKeyRecord key = key(Backends.uniqueName("key"), secret);
    assertThat(post("traces", secret).statusCode()).isEqualTo(401);
    publish(key.keyId(), key);
    await().until(() -> post("traces", secret).statusCode() == 200);
    assertThat(call(secret)).isEqualTo(Status.Code.OK);
    publish(key.keyId(), revoked(key));
    await().until(() -> post("traces", secret).statusCode() == 401);
    assertThat(call(secret)).isEqualTo(Status.Code.UNAUTHENTICATED);
    publish(key.keyId(), key);
    await().until(() -> call(secret) == Status.Code.OK);
    publish(key.keyId(), null);
    await().until(() -> call(secret) == Status.Code.UNAUTHENTICATED);
  }

  @Test
  void service_isReadyOnlyWhenItHasReadAllKeysThereAre() throws Exception {
    String secret = Backends.uniqueName("secret");
    AccessKeyRecord key = key(Backends.uniqueName("early"), secret);
    publish(key.keyId(), key);
    try (RunningIngest second =
        RunningIngest.start(Backends.kafka(), Map.of("ingest.authentication", "keys"))) {
      HttpResponse<String> response =
          client.send(request(second.http(), "traces", secret).build(), BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void keyOfTheFile_letsItsHolderIn_andTheFileIsReadAgain() throws Exception {
    assertThat(post("traces", FILE_SECRET).statusCode()).isEqualTo(200);
    String added = Backends.uniqueName("added");
    Files.writeString(keysFile, line(key("file", FILE_SECRET)) + line(key("file-added", added)));
    await().until(() -> post("traces", added).statusCode() == 200);
    Files.writeString(keysFile, "no key\n");
    await().until(() -> health().contains("the keys read before are kept"));
    assertThat(post("traces", added).statusCode()).isEqualTo(200);
    Files.writeString(keysFile, line(key("file", FILE_SECRET)) + line(key("file-added", added)));
    await().until(() -> !health().contains("the keys read before are kept"));
  }

  @Test
  void refusals_areStatusesOfTheirTransport_andNeedNoBody() throws Exception {
    HttpResponse<String> none = post("traces", null);
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"tocsin\"");
    assertThat(new JsonObject(none.body()).getInteger("code")).isEqualTo(16);
    String secret = Backends.uniqueName("scoped");
    AccessKeyRecord key =
        limited(Backends.uniqueName("scoped"), secret, List.of("logs"), Limits.NONE);
    publish(key.keyId(), key);
    await().until(() -> post("logs", secret).statusCode() == 200);
    HttpResponse<String> scope = post("traces", secret);
    assertThat(scope.statusCode()).isEqualTo(403);
    assertThat(new JsonObject(scope.body()).getInteger("code")).isEqualTo(7);
    assertThat(call(secret)).isEqualTo(Status.Code.PERMISSION_DENIED);
    HttpResponse<String> preflight =
        client.send(
            HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
                .method("OPTIONS", BodyPublishers.noBody())
                .header("origin", "https://a.shop.example")
                .header("access-control-request-method", "POST")
                .build(),
            BodyHandlers.ofString());
    assertThat(preflight.statusCode()).isEqualTo(204);
  }

  @Test
  void keyOverItsLimit_isToldWhenToComeBack_andOthersAreNotConcerned() throws Exception {
    String secret = Backends.uniqueName("limited");
    AccessKeyRecord key =
        limited(
            Backends.uniqueName("limited"),
            secret,
            AccessKeyRecord.ALL_SCOPES,
            new Limits(1, 2, 0, 0));
    publish(key.keyId(), key);
    await().until(() -> post("traces", secret).statusCode() != 401);
    await().until(() -> post("traces", secret).statusCode() == 429);
    HttpResponse<String> refused = post("traces", secret);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow()))
        .isBetween(1, 60);
    JsonObject status = new JsonObject(refused.body());
    assertThat(status.getInteger("code")).isEqualTo(8);
    assertThat(status.getJsonArray("details").getJsonObject(0).getString("@type"))
        .endsWith("google.rpc.RetryInfo");
    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, () -> grpc(secret));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    var retry = StatusProto.fromThrowable(failure).getDetails(0).unpack(RetryInfo.class);
    assertThat(retry.getRetryDelay().getSeconds()).isBetween(0L, 60L);
    assertThat(post("traces", FILE_SECRET).statusCode()).isEqualTo(200);

    assertThat(ingest.scrape())
        .containsPattern(
            "otlp_key_requests_total\\{key=\""
                + key.keyId()
                + "\",outcome=\"refused\",reason=\"rate_limited\"");
    JsonObject last = rejections(key.keyId());
    assertThat(last.getString("reason")).isEqualTo("rate_limited");
    assertThat(last.getString("message")).contains("1 requests a minute").doesNotContain(secret);
    assertThat(last.getString("transport")).isEqualTo("grpc");
    assertThat(last.getString("userAgent")).startsWith("grpc-java-netty/");
  }

  @Test
  void metrics_tellKeysAndSdksApart_andNameItemsAsACollectorDoes() throws Exception {
    byte[] body = Otlp.traces("counted", 1, 3).toByteArray();
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(ingest.http() + "/v1/traces"))
                .header("content-type", "application/x-protobuf")
                .header("x-api-key", FILE_SECRET)
                .header("user-agent", "OTel-OTLP-Exporter-Java/1.67.0")
                .POST(BodyPublishers.ofByteArray(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(ingest.scrape())
        .containsPattern(
            "otlp_items_total\\{key=\"file\",outcome=\"accepted\",reason=\"\",service=\"ingest-service\",signal=\"traces\",transport=\"http\"} 3")
        .containsPattern(
            "otelcol_receiver_accepted_spans_total\\{receiver=\"otlp\",service=\"ingest-service\",transport=\"http\"} 3")
        .containsPattern("otelcol_receiver_requests_total\\{outcome=\"success\",receiver=\"otlp\"")
        .contains(
            "otlp_sdk_requests_total{sdk=\"OTel-OTLP-Exporter-Java\",service=\"ingest-service\",version=\"1.67.0\"} 1");
  }

  private static JsonObject rejections(String keyId) throws Exception {
    String body =
        client
            .send(
                HttpRequest.newBuilder(
                        URI.create(ingest.admin() + "/api/v1/rejections?key=" + keyId))
                    .build(),
                BodyHandlers.ofString())
            .body();
    return new JsonObject(body)
        .getJsonArray("keys")
        .getJsonObject(0)
        .getJsonArray("rejections")
        .getJsonObject(0);
  }

  private static String health() throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(ingest.admin() + "/health")).build(),
            BodyHandlers.ofString())
        .body();
  }

  private static HttpResponse<String> post(String signal, String secret) throws Exception {
    return client.send(request(ingest.http(), signal, secret).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String url, String signal, String secret) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + "/v1/" + signal))
            .header("content-type", JSON)
            .POST(BodyPublishers.ofString("{}"));
    return secret == null ? request : request.header("authorization", "Bearer " + secret);
  }

  private static Status.Code call(String secret) {
    try {
      grpc(secret);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static byte[] grpc(String secret) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + secret);
    return grpc.call(GrpcClient.TRACES, new byte[0], CallOptions.DEFAULT, headers);
  }

  private static void publish(String keyId, AccessKeyRecord key) throws Exception {
    byte[] value = key == null ? null : key.encode();
    var unused =
        keys.send(new ProducerRecord<>(Topic.ACCESS.name(), keyId.getBytes(UTF_8), value)).get();
  }

  private static String line(AccessKeyRecord key) {
    return new String(key.encode(), UTF_8) + "\n";
  }

  private static AccessKeyRecord key(String id, String secret) throws Exception {
    return limited(id, secret, AccessKeyRecord.ALL_SCOPES, Limits.NONE);
  }

  private static AccessKeyRecord limited(
      String id, String secret, List<String> scopes, Limits limits) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(UTF_8));
    return new AccessKeyRecord(
        id,
        HexFormat.of().formatHex(hash),
        id,
        scopes,
        limits,
        List.of("https://*.shop.example"),
        false,
        Instant.parse("2026-11-23T01:02:03Z"),
        null);
  }

  private static AccessKeyRecord revoked(AccessKeyRecord key) {
    return new AccessKeyRecord(
        key.keyId(),
        key.sha256(),
        key.name(),
        key.scopes(),
        key.limits(),
        key.origins(),
        true,
        key.createdAt(),
        null);
  }
}
