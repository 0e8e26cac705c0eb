package dev.tocsin.ingest.http;

import dev.tocsin.common.otlp.Signal;
import dev.tocsin.ingest.ExportResult;
import dev.tocsin.ingest.IngestConfig;
import dev.tocsin.ingest.Reason;
import dev.tocsin.ingest.RefusedException;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.body.ContentEncoding;
import dev.tocsin.ingest.receive.ExportCall;
import dev.tocsin.ingest.receive.ExportResponse;
import dev.tocsin.ingest.receive.RpcStatus;
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
  private final IngestConfig config;

  HttpAnswer(
      Vertx vertx,
      IngestConfig config,
      HttpServerRequest request,
      Signal signal,
      BodyFormat format) {
    this.vertx = vertx;
    this.config = config;
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
    long retryDelayMs = refusal.retryDelayMs(config.retryDelayMs());
    if (reason.retryable()) {
      response.putHeader("retry-after", Long.toString((retryDelayMs + 999) / 1_000));
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
    end(
        reason.httpStatus(),
        switch (format) {
          case PROTOBUF -> RpcStatus.protobuf(refusal, retryDelayMs);
          case JSON -> RpcStatus.json(refusal, retryDelayMs);
        });
    if (!request.isEnded()) {
      boundUnreadBody();
    }
  }

  /**
   * The rest of the body is read and dropped, so that the client gets to read the answer; but not
   * for ever.
   */
  private void boundUnreadBody() {
    long timer =
        vertx.setTimer(
            config.requestTimeoutMs(),
            id -> request.connection().close().onFailure(HttpAnswer::clientGone));
    request.end().onComplete(ended -> vertx.cancelTimer(timer));
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
