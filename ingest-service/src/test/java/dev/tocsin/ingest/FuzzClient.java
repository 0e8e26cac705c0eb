package dev.tocsin.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Sends requests that may be damaged and judges the answers by OTLP. */
final class FuzzClient {
  private static final long ANSWER_LIMIT_MS = 20_000;

  /** OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED: what a client can be blamed for. */
  private static final Set<String> GRPC_CODES = Set.of("0", "3", "8", "12");

  private final RunningIngest ingest;
  private final Context context;
  private final HttpClient http;
  private final HttpClient grpc;

  FuzzClient(RunningIngest ingest) {
    this.ingest = ingest;
    context = ingest.vertx().getOrCreateContext();
    http = ingest.vertx().createHttpClient(new HttpClientOptions());
    grpc =
        ingest
            .vertx()
            .createHttpClient(
                new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2ClearTextUpgrade(false));
  }

  /**
   * The answer's status, such as {@code HTTP_JSON 400} or {@code GRPC 3}. Fails when there was no
   * answer in time, or one that OTLP does not know for a client's fault.
   */
  Future<String> send(FuzzRequest request) {
    boolean grpc = request.transport() == FuzzRequest.Transport.GRPC;
    Promise<String> answer = Promise.promise();
    // All on one event loop: from another thread, a body that is there at once may be missed.
    context.runOnContext(
        go ->
            (grpc ? call(request) : post(request))
                .timeout(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS)
                .onComplete(answer));
    return answer.future();
  }

  private Future<String> post(FuzzRequest request) {
    boolean json = request.transport() == FuzzRequest.Transport.HTTP_JSON;
    String type = json ? "application/json" : "application/x-protobuf";
    RequestOptions options =
        options(ingest.port(ingest.http()), "/v1/" + request.signal().label())
            .putHeader("content-type", type)
            .putHeader("content-encoding", request.compressor().label());
    return http.request(options)
        .compose(call -> call.send(request.body()))
        .compose(
            response -> response.body().map(body -> judge(request, type, json, response, body)));
  }

  private static String judge(
      FuzzRequest request, String type, boolean json, HttpClientResponse response, Buffer body) {
    int status = response.statusCode();
    require(status == 200 || (status >= 400 && status < 500), "status " + status + ": " + body);
    require(type.equals(response.getHeader("content-type")), "content type of the answer");
    try {
      if (json) {
        JsonObject answer = new JsonObject(body);
        require(
            status == 200 || !answer.getString("message", "").isBlank(), "no message: " + answer);
      } else if (status == 200) {
        parse(request.signal(), body.getBytes());
      } else {
        require(!Status.parseFrom(body.getBytes()).getMessage().isBlank(), "no message");
      }
    } catch (DecodeException | InvalidProtocolBufferException e) {
      throw new IllegalStateException(status + " with a body that is none of OTLP's: " + e, e);
    }
    return request.transport() + " " + status;
  }

  private Future<String> call(FuzzRequest request) {
    RequestOptions options =
        options(ingest.port(ingest.grpc()), "/" + GrpcClient.method(request.signal()))
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers")
            .putHeader("grpc-encoding", request.compressor().label());
    return grpc.request(options)
        .compose(call -> call.send(request.body()))
        .compose(response -> response.body().map(body -> judgeGrpc(request, response, body)));
  }

  private static String judgeGrpc(FuzzRequest request, HttpClientResponse response, Buffer body) {
    require(response.statusCode() == 200, "HTTP status " + response.statusCode());
    String inHeader = response.getHeader("grpc-status");
    String code = inHeader == null ? response.getTrailer("grpc-status") : inHeader;
    require(code != null && GRPC_CODES.contains(code), "grpc-status " + code);
    try {
      if (code.equals("0")) {
        require(body.length() >= 5 && body.getByte(0) == 0, "no message in the answer");
        require(body.getInt(1) == body.length() - 5, "length of the message in the answer");
        parse(request.signal(), body.getBytes(5, body.length()));
      } else {
        byte[] details = Base64.getDecoder().decode(response.getHeader("grpc-status-details-bin"));
        Status status = Status.parseFrom(details);
        require(code.equals(Integer.toString(status.getCode())), "code in the details");
        require(!status.getMessage().isBlank(), "no message in the details");
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(code + " with details that are no Status: " + e, e);
    }
    return "GRPC " + code;
  }

  private static RequestOptions options(int port, String path) {
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI(path);
  }

  private static void parse(Signal signal, byte[] answer) throws InvalidProtocolBufferException {
    var unused =
        switch (signal) {
          case TRACES -> ExportTraceServiceResponse.parseFrom(answer);
          case METRICS -> ExportMetricsServiceResponse.parseFrom(answer);
          case LOGS -> ExportLogsServiceResponse.parseFrom(answer);
          default -> throw new IllegalArgumentException(signal.label());
        };
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalStateException(problem);
    }
  }
}
