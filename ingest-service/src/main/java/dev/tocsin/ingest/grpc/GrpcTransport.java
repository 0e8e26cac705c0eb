package dev.tocsin.ingest.grpc;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.body.Inflater;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportCall;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.Payload;
import dev.tocsin.ingest.receive.RpcStatus;
import dev.tocsin.ingest.receive.UnreadBody;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The Export methods of OTLP as gRPC unary calls, spoken directly on Vert.x's HTTP/2: see
 * docs/adr/002 for why no gRPC library is between. Also gRPC-Web on HTTP/2 and HTTP/1.1. A call of
 * anything else is answered UNIMPLEMENTED, one that is no gRPC at all by an HTTP status, as gRPC
 * demands.
 */
public final class GrpcTransport implements Handler<HttpServerRequest> {
  private static final Map<String, Signal> METHODS =
      Map.of(
          "/opentelemetry.proto.collector.trace.v1.TraceService/Export", Signal.TRACES,
          "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", Signal.METRICS,
          "/opentelemetry.proto.collector.logs.v1.LogsService/Export", Signal.LOGS,
          "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
              Signal.PROFILES);

  private final Vertx vertx;
  private final Intake intake;
  private final Inflater inflater;

  public GrpcTransport(Vertx vertx, Intake intake, Inflater inflater) {
    this.vertx = vertx;
    this.intake = intake;
    this.inflater = inflater;
  }

  /** Whether the content type is one of gRPC or gRPC-Web. */
  public static boolean isGrpc(@Nullable String contentType) {
    String prefix = GrpcForm.NATIVE.mediaType();
    return contentType != null && contentType.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  /** Whether the path is a method's. */
  public static boolean isMethod(@Nullable String path) {
    return METHODS.containsKey(path);
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    Optional<GrpcForm> form = GrpcForm.of(request.getHeader("content-type"));
    if (!request.method().equals(HttpMethod.POST)) {
      response.putHeader("allow", "POST");
      refuseHttp(request, 405, Reason.METHOD_NOT_ALLOWED, "gRPC calls are POST requests");
    } else if (form.isEmpty()) {
      refuseHttp(
          request,
          415,
          Reason.UNSUPPORTED_MEDIA_TYPE,
          "content-type: "
              + request.getHeader("content-type")
              + " (expected: application/grpc, application/grpc-web or application/grpc-web-text,"
              + " with +proto or nothing)");
    } else if (form.get() == GrpcForm.NATIVE && request.version() != HttpVersion.HTTP_2) {
      refuseHttp(
          request,
          505,
          Reason.UNSUPPORTED_MEDIA_TYPE,
          "gRPC needs HTTP/2; on HTTP/1.1 send gRPC-Web or OTLP/HTTP");
    } else {
      call(request, form.get(), answer(request, form.get()));
    }
  }

  private GrpcResponse answer(HttpServerRequest request, GrpcForm form) {
    return form == GrpcForm.NATIVE
        ? new GrpcAnswer(request, intake.retryDelay())
        : new GrpcWebAnswer(vertx, intake.limits().timeoutMs(), request, form, intake.retryDelay());
  }

  /** Before there is a call there is no gRPC status either, but HTTP's. */
  private void refuseHttp(HttpServerRequest request, int status, Reason reason, String problem) {
    intake.requests().begin("grpc", "none").end(reason.label());
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", BodyFormat.JSON.mediaType())
        .end(Buffer.buffer(RpcStatus.json(new RefusedException(reason, problem), 0)))
        .onFailure(GrpcAnswer::clientGone);
    UnreadBody.drain(vertx, request, intake.limits().timeoutMs());
  }

  private void call(HttpServerRequest request, GrpcForm form, GrpcResponse answer) {
    Signal signal = METHODS.get(request.path());
    List<String> encodingNames = request.headers().getAll("grpc-encoding");
    Optional<ContentEncoding> encoding = ContentEncoding.of(encodingNames);
    String timeout = request.getHeader("grpc-timeout");
    OptionalLong timeoutMs =
        timeout == null ? OptionalLong.of(Long.MAX_VALUE) : GrpcCodes.timeoutMs(timeout);
    if (signal == null) {
      refuseEarly(answer, Reason.NOT_FOUND, "no method " + request.path());
    } else if (encoding.isEmpty()) {
      refuseEarly(
          answer,
          Reason.UNSUPPORTED_ENCODING,
          "grpc-encoding: "
              + String.join(", ", encodingNames)
              + " (expected: "
              + ContentEncoding.ACCEPTED
              + ")");
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
      request.exceptionHandler(failure -> call.cancel());
      request.response().closeHandler(closed -> call.cancel());
      if (form == GrpcForm.WEB_TEXT) {
        receiveText(request, call, frames);
      } else {
        request.handler(frames::append).endHandler(ended -> frames.end());
      }
    }
  }

  private static void receiveText(
      HttpServerRequest request, ExportCall call, UnaryDeframer frames) {
    WebText text = new WebText();
    request
        .handler(chunk -> attempt(call, () -> frames.append(text.decode(chunk))))
        .endHandler(
            ended ->
                attempt(
                    call,
                    () -> {
                      text.end();
                      frames.end();
                    }));
  }

  private static void attempt(ExportCall call, Runnable step) {
    try {
      if (!call.answered()) {
        step.run();
      }
    } catch (RefusedException e) {
      call.refuse(e);
    }
  }

  private void refuseEarly(GrpcResponse answer, Reason reason, String message) {
    intake.requests().begin("grpc", "none").end(reason.label());
    answer.refused(new RefusedException(reason, message));
  }
}
