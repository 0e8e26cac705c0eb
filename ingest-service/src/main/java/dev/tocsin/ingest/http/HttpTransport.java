package dev.tocsin.ingest.http;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.grpc.GrpcTransport;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportCall;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.Payload;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * OTLP/HTTP: {@code POST /v1/traces} and the other signals' paths, protobuf or JSON, on HTTP/1.1
 * and on HTTP/2. Every error is a {@code google.rpc.Status} in the encoding of the request, or in
 * JSON where the request's is neither. Calls of gRPC and gRPC-Web, told by their content type, are
 * passed on, so that every port takes all of OTLP.
 */
public final class HttpTransport implements Handler<HttpServerRequest> {
  private static final Map<String, Signal> PATHS =
      Map.of(
          "/v1/traces", Signal.TRACES,
          "/v1/metrics", Signal.METRICS,
          "/v1/logs", Signal.LOGS,
          "/v1development/profiles", Signal.PROFILES);
  private static final String EXPECTED =
      " (expected: POST /v1/traces, /v1/metrics, /v1/logs or /v1development/profiles)";

  private final Vertx vertx;
  private final Intake intake;
  private final Inflater inflater;
  private final Cors cors;
  private final GrpcTransport grpc;

  public HttpTransport(
      Vertx vertx, Intake intake, Inflater inflater, List<String> corsOrigins, long corsMaxAgeMs) {
    this.vertx = vertx;
    this.intake = intake;
    this.inflater = inflater;
    this.grpc = new GrpcTransport(vertx, intake, inflater);
    this.cors = new Cors(corsOrigins, intake.access()::allowsOrigin, corsMaxAgeMs);
  }

  /**
   * Of both ports. Windows and frames are sized for batches of a few hundred KiB; the default ones
   * cost half again.
   */
  public static HttpServerOptions options() {
    return new HttpServerOptions()
        .setInitialSettings(
            new Http2Settings().setInitialWindowSize(1 << 20).setMaxFrameSize(256 << 10))
        .setHttp2ConnectionWindowSize(8 << 20)
        .setReceiveBufferSize(1 << 20)
        .setTcpNoDelay(true)
        .setMaxChunkSize(64 << 10)
        .setHandle100ContinueAutomatically(true);
  }

  @Override
  public void handle(HttpServerRequest request) {
    cors.apply(request);
    String contentType = request.getHeader("content-type");
    if (GrpcTransport.isGrpc(contentType)) {
      grpc.handle(request);
    } else {
      handle(request, contentType);
    }
  }

  private void handle(HttpServerRequest request, @Nullable String contentType) {
    List<String> encodingNames = request.headers().getAll("content-encoding");
    Signal signal = PATHS.get(plain(request.path()));
    Optional<BodyFormat> format = BodyFormat.of(contentType);
    Optional<ContentEncoding> encoding = ContentEncoding.of(encodingNames);
    if (signal == null && !GrpcTransport.isMethod(request.path())) {
      refuseEarly(request, Reason.NOT_FOUND, notFound(request.path()));
    } else if (request.method().equals(HttpMethod.OPTIONS)) {
      cors.preflight(request);
    } else if (!request.method().equals(HttpMethod.POST)) {
      refuseEarly(request, Reason.METHOD_NOT_ALLOWED, request.method() + EXPECTED);
    } else if (signal == null) {
      refuseEarly(
          request,
          Reason.UNSUPPORTED_MEDIA_TYPE,
          "content-type: " + contentType + " (expected: application/grpc or application/grpc-web)");
    } else if (format.isEmpty()) {
      refuseEarly(
          request,
          Reason.UNSUPPORTED_MEDIA_TYPE,
          "content-type: "
              + (contentType == null ? "none" : contentType)
              + " (expected: application/x-protobuf or application/json)");
    } else if (encoding.isEmpty()) {
      refuseEarly(
          request,
          Reason.UNSUPPORTED_ENCODING,
          "content-encoding: "
              + String.join(", ", encodingNames)
              + " (expected: "
              + ContentEncoding.ACCEPTED
              + ")");
    } else {
      receive(request, signal, format.get(), encoding.get());
    }
  }

  /**
   * Without the slashes too many that come of an endpoint that ends in one, or of a path that does.
   */
  private static String plain(@Nullable String path) {
    String plain = path == null ? "" : path;
    while (plain.startsWith("//")) {
      plain = plain.substring(1);
    }
    return plain.length() > 1 && plain.endsWith("/")
        ? plain.substring(0, plain.length() - 1)
        : plain;
  }

  private static String notFound(@Nullable String path) {
    return "/".equals(path)
        ? "the endpoint lacks the signal's path: for traces it is /v1/traces" + EXPECTED
        : "no " + path + EXPECTED;
  }

  private void receive(
      HttpServerRequest request, Signal signal, BodyFormat format, ContentEncoding encoding) {
    HttpAnswer answer = answer(request, signal, format);
    ExportCall call =
        ExportCall.open(
            vertx,
            intake,
            request,
            new Payload("http", signal, format),
            inflater,
            Long.MAX_VALUE,
            answer);
    request
        .handler(call::append)
        .endHandler(ended -> call.end(encoding))
        .exceptionHandler(failure -> call.cancel());
    request.response().closeHandler(closed -> call.cancel());
    long length = contentLength(request.getHeader("content-length"));
    if (length >= 0) {
      call.announce(length);
    }
  }

  private HttpAnswer answer(HttpServerRequest request, Signal signal, BodyFormat format) {
    return new HttpAnswer(vertx, intake, request, signal, format);
  }

  private void refuseEarly(HttpServerRequest request, Reason reason, String message) {
    intake.requests().begin("http", "none").end(reason.label());
    BodyFormat format = BodyFormat.of(request.getHeader("content-type")).orElse(BodyFormat.JSON);
    answer(request, Signal.TRACES, format).refused(new RefusedException(reason, message));
  }

  private static long contentLength(@Nullable String header) {
    try {
      return header == null ? -1 : Long.parseLong(header);
    } catch (NumberFormatException notANumber) {
      return -1;
    }
  }
}
