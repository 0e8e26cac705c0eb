package dev.tocsin.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.BadRequest;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GrpcIT {
  private static final String TRACES_PATH = "/" + GrpcClient.TRACES;

  private static RunningIngest ingest;
  private static GrpcClient client;
  private static HttpClient raw;

  @BeforeAll
  static void start() {
    ingest =
        RunningIngest.start(
            Backends.kafka(),
            Map.of(
                "ingest.request_size_max", "2MiB",
                "ingest.in_flight_size_max", "16MiB",
                "ingest.request_timeout", "2s"));
    client = new GrpcClient(ingest.grpc());
    raw =
        ingest
            .vertx()
            .createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));
  }

  @AfterAll
  static void stop() {
    client.close();
    ingest.close();
  }

  @Test
  void export_isInKafka_whenItIsAnswered_plainAndCompressed() throws Exception {
    String plain = Backends.uniqueName("grpc");
    String gzip = Backends.uniqueName("grpc-gzip");
    byte[] large = Otlp.traces(plain, 1, 20_000).toByteArray();
    assertThat(large.length).isGreaterThan(256 << 10);
    assertThat(client.call(GrpcClient.TRACES, large)).isEmpty();
    byte[] one = Otlp.traces(gzip, 1, 1).toByteArray();
    assertThat(client.call(GrpcClient.TRACES, one, CallOptions.DEFAULT.withCompression("gzip")))
        .isEmpty();
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      var all = reader.readToEnd();
      assertThat(all.stream().mapToInt(m -> TopicReader.spans(m, plain).size()).sum())
          .isEqualTo(20_000);
      assertThat(all.stream().filter(m -> !TopicReader.spans(m, gzip).isEmpty()))
          .hasSize(1)
          .allSatisfy(message -> assertThat(message.value()).isEqualTo(one));
    }
  }

  @Test
  void invalidSpans_areReportedByPartialSuccess() throws Exception {
    var scope = ScopeSpans.newBuilder().addSpans(Otlp.span(1).toBuilder().clearTraceId());
    byte[] answer = client.call(GrpcClient.TRACES, Otlp.traces("s", scope).toByteArray());
    assertThat(ExportTraceServiceResponse.parseFrom(answer).getPartialSuccess().getRejectedSpans())
        .isEqualTo(1);
  }

  @Test
  void malformed_isInvalidArgument_withBadRequest() throws Exception {
    StatusRuntimeException failure =
        refusal(() -> client.call(GrpcClient.TRACES, "ü".getBytes(UTF_8)));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.getStatus().getDescription())
        .startsWith("body: no traces export request, byte");
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    assertThat(status.getCode()).isEqualTo(3);
    assertThat(status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0).getField())
        .isEqualTo("body");
  }

  @Test
  void tooLarge_isResourceExhaustedWithoutRetryInfo_asSentAndAsInflated() {
    byte[] large = new byte[3 << 20];
    for (CallOptions options :
        new CallOptions[] {CallOptions.DEFAULT, CallOptions.DEFAULT.withCompression("gzip")}) {
      StatusRuntimeException failure =
          refusal(() -> client.call(GrpcClient.TRACES, large, options));
      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(StatusProto.fromThrowable(failure).getDetailsList()).isEmpty();
    }
    assertThat(client.call(GrpcClient.TRACES, new byte[0])).isEmpty();
  }

  @Test
  void unknownEncodingAndMethod_areUnimplemented() {
    HttpClientResponse response = await(send(TRACES_PATH, "grpc-encoding", "br", frame(1, "x")));
    assertThat(response.getHeader("grpc-status")).isEqualTo("12");
    assertThat(response.getHeader("grpc-accept-encoding"))
        .isEqualTo("identity,gzip,zstd,deflate,snappy");
    StatusRuntimeException failure =
        refusal(() -> client.call("opentelemetry.proto.Nothing/Export", new byte[0]));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void brokenFraming_isInvalidArgument_andNeverHangs() {
    Buffer twoMessages = frame(0, "").appendBuffer(frame(0, ""));
    for (Buffer body :
        new Buffer[] {
          Buffer.buffer(),
          Buffer.buffer(new byte[3]),
          Buffer.buffer(new byte[] {0, 0, 0, 0, 9, 1}),
          frame(1, "flag without encoding"),
          frame(7, "unknown flag"),
          twoMessages
        }) {
      HttpClientResponse response = await(send(TRACES_PATH, "te", "trailers", body));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.getHeader("grpc-status")).as(body.toString()).isEqualTo("3");
    }
    Buffer damaged = frame(1, "this is no gzip at all");
    assertThat(await(send(TRACES_PATH, "grpc-encoding", "gzip", damaged)).getHeader("grpc-status"))
        .isEqualTo("3");
    assertThat(
            await(send(TRACES_PATH, "grpc-timeout", "soon", frame(0, ""))).getHeader("grpc-status"))
        .isEqualTo("3");
  }

  @Test
  void announcedTooLarge_isAnsweredAtOnce_andOnlyOnce() {
    HttpClientResponse response =
        await(
            open(TRACES_PATH, "te", "trailers")
                .compose(
                    request -> {
                      request.setChunked(true);
                      return request
                          .write(Buffer.buffer(new byte[] {0, 0x7f, -1, -1, -1, 1, 2, 3}))
                          .compose(written -> request.response());
                    }));
    assertThat(response.getHeader("grpc-status")).isEqualTo("8");
    assertThat(client.call(GrpcClient.TRACES, new byte[0])).isEmpty();
  }

  @Test
  void callThatNeverEnds_isAnsweredAtItsDeadline() {
    HttpClientResponse response =
        await(
            open(TRACES_PATH, "grpc-timeout", "50m")
                .compose(
                    request -> {
                      request.setChunked(true);
                      return request
                          .write(Buffer.buffer(new byte[] {0, 0, 0, 0, 9, 1}))
                          .compose(written -> request.response());
                    }));
    assertThat(response.getHeader("grpc-status")).isEqualTo("4");
    assertThat(response.getHeader("grpc-message"))
        .isEqualTo("the body did not arrive within 50 ms");
  }

  @Test
  void whatIsNoGrpc_getsAnHttpStatus() {
    assertThat(await(send(TRACES_PATH, "content-type", "text/plain", frame(0, ""))).statusCode())
        .isEqualTo(415);
    HttpClient old = ingest.vertx().createHttpClient();
    HttpClientResponse http1 =
        await(
            old.request(HttpMethod.POST, ingest.port(ingest.grpc()), "127.0.0.1", TRACES_PATH)
                .compose(request -> request.putHeader("content-type", "application/grpc").send()));
    assertThat(http1.statusCode()).isEqualTo(505);
  }

  private static <T> T await(Future<T> future) {
    return RunningIngest.await(future);
  }

  private static StatusRuntimeException refusal(ThrowingCallable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call);
  }

  private static Future<HttpClientRequest> open(String path, String header, String value) {
    return raw.request(HttpMethod.POST, ingest.port(ingest.grpc()), "127.0.0.1", path)
        .map(
            request ->
                request.putHeader("content-type", "application/grpc").putHeader(header, value));
  }

  private static Future<HttpClientResponse> send(
      String path, String header, String value, Buffer body) {
    return open(path, header, value).compose(request -> request.send(body));
  }

  private static Buffer frame(int flag, String text) {
    return Buffer.buffer()
        .appendByte((byte) flag)
        .appendInt(text.getBytes(UTF_8).length)
        .appendString(text);
  }
}
