package dev.tocsin.ingest.http;

import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.ports.ExportResult;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.ingest.receive.ExportCall;
import dev.tocsin.ingest.receive.ExportResponse;
import dev.tocsin.ingest.receive.Intake;
import dev.tocsin.ingest.receive.RetryDelay;
import dev.tocsin.ingest.receive.RpcStatus;
import dev.tocsin.ingest.receive.UnreadBody;
import dev.tocsin.otlp.wire.Signal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answer to an HTTP export, in the encoding of the request. */
final class HttpAnswer implements ExportCall.Answer {
  private static final Logger log = LoggerFactory.getLogger(HttpAnswer.class);

  private final HttpServerRequest request;
  private final Signal signal;
  private final BodyFormat format;
  private final Vertx vertx;
  private final Intake intake;

  HttpAnswer(
      Vertx vertx, Intake intake, HttpServerRequest request, Signal signal, BodyFormat format) {
    this.vertx = vertx;
    this.intake = intake;
    this.request = request;
    this.signal = signal;
    this.format = format;
  }

  @Override
  public void accepted(ExportResult result) {
    end(
        200,
        switch (format) {
          case PROTOBUF -> ExportResponse.protobuf(result);
          case JSON -> ExportResponse.json(signal, result);
        });
  }

  @Override
  public void refused(RefusedException refusal) {
    Reason reason = refusal.reason();
    HttpServerResponse response = request.response();
    long retryDelayMs = intake.retryDelay().nextMs(refusal);
    if (reason.retryable()) {
      response.putHeader("retry-after", Long.toString(RetryDelay.seconds(refusal, retryDelayMs)));
    }
    if (reason == Reason.UNAUTHENTICATED) {
      response.putHeader("www-authenticate", "Bearer realm=\"tocsin\"");
    }
    if (reason == Reason.METHOD_NOT_ALLOWED) {
      response.putHeader("allow", "POST, OPTIONS");
    }
    if (reason == Reason.UNSUPPORTED_ENCODING) {
      response.putHeader("accept-encoding", ContentEncoding.ACCEPTED);
    }
    end(reason.httpStatus(), RpcStatus.in(format, refusal, retryDelayMs));
    UnreadBody.drain(vertx, request, intake.limits().timeoutMs());
  }

  private void end(int status, byte[] body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", format.mediaType())
        .end(Buffer.buffer(body))
        .onFailure(HttpAnswer::clientGone);
  }

  static void clientGone(Throwable failure) {
    log.debug("an answer had no reader: {}", failure.toString());
  }
}
