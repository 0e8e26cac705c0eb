package dev.tocsin.ingest.grpc;

import dev.tocsin.common.otlp.Signal;
import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.receive.ExportCall;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.Payload;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The three Export methods of OTLP as gRPC unary calls, spoken directly on Vert.x's HTTP/2: see
 * docs/adr/002 for why no gRPC library is between. Compression is gzip or none. A call of anything
 * else is answered UNIMPLEMENTED, one that is no gRPC at all by an HTTP status, as gRPC demands.
 */
public final class GrpcTransport implements Handler<HttpServerRequest> {
  private static final Map<String, Signal> METHODS =
      Map.of(
          "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Signal.TRACES,
          "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", Signal.METRICS,
          "/opentelemetry.proto.collector.logs.v1.LogsService/Export", Signal.LOGS);

  private final Vertx vertx;
  private final Intake intake;
  private final Inflater inflater;

  public GrpcTransport(Vertx vertx, Intake intake, Inflater inflater) {
    this.vertx = vertx;
    this.intake = intake;
    this.inflater = inflater;
  }

  /**
   * Windows and frames sized for batches of a few hundred KiB; the default ones cost half again.
   */
  public static HttpServerOptions options() {
    return new HttpServerOptions()
        .setInitialSettings(
            new Http2Settings().setInitialWindowSize(1 << 20).setMaxFrameSize(256 << 10))
        .setHttp2ConnectionWindowSize(8 << 20)
        .setReceiveBufferSize(1 << 20)
        .setTcpNoDelay(true);
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (request.version() != HttpVersion.HTTP_2) {
      refuseHttp(response, 505, "gRPC needs HTTP/2; OTLP over HTTP/1.1 has its own port");
    } else if (!request.method().equals(HttpMethod.POST)) {
      response.putHeader("allow", "POST");
      refuseHttp(response, 405, "gRPC calls are POST requests");
    } else if (!isGrpc(request.getHeader("content-type"))) {
      refuseHttp(
          response, 415, "content-type: expected application/grpc or application/grpc+proto");
    } else {
      call(request, new GrpcAnswer(request, intake.config().retryDelayMs()));
    }
  }

  private static void refuseHttp(HttpServerResponse response, int status, String text) {
    response
        .setStatusCode(status)
        .putHeader("content-type", "text/plain; charset=utf-8")
        .end(text)
        .onFailure(GrpcAnswer::clientGone);
  }

  private static boolean isGrpc(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int end = contentType.indexOf(';');
    String type = end < 0 ? contentType : contentType.substring(0, end).stripTrailing();
    return type.equals("application/grpc") || type.equals("application/grpc+proto");
  }

  private void call(HttpServerRequest request, GrpcAnswer answer) {
    Signal signal = METHODS.get(request.path());
    String encodingName = request.getHeader("grpc-encoding");
    Optional<ContentEncoding> encoding = ContentEncoding.of(encodingName);
    String timeout = request.getHeader("grpc-timeout");
    OptionalLong timeoutMs =
        timeout == null ? OptionalLong.of(Long.MAX_VALUE) : GrpcCodes.timeoutMs(timeout);
    if (signal == null) {
      refuseEarly(answer, Reason.NOT_FOUND, "no method " + request.path());
    } else if (encoding.isEmpty()) {
      refuseEarly(
          answer,
          Reason.UNSUPPORTED_ENCODING,
          "grpc-encoding: " + encodingName + " (expected: " + ContentEncoding.ACCEPTED + ")");
    } else if (timeoutMs.isEmpty()) {
      refuseEarly(
          answer,
          Reason.MALFORMED,
          "grpc-timeout: " + timeout + " (expected: up to 8 digits and one of H M S m u n)");
    } else {
      Payload payload = new Payload("grpc", signal, BodyFormat.PROTOBUF);
      ExportCall call =
          ExportCall.open(vertx, intake, request, payload, inflater, timeoutMs.getAsLong(), answer);
      UnaryDeframer frames = new UnaryDeframer(call, encoding.get());
      request
          .handler(frames::append)
          .endHandler(ended -> frames.end())
          .exceptionHandler(failure -> call.cancel());
    }
  }

  private void refuseEarly(GrpcAnswer answer, Reason reason, String message) {
    intake.requests().begin("grpc", "none").end(reason.label());
    answer.refused(new RefusedException(reason, message));
  }
}
