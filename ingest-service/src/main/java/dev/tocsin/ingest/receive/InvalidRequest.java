package dev.tocsin.ingest.receive;

import dev.tocsin.common.telemetry.RequestMetrics;
import dev.tocsin.ingest.body.BodyFormat;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what is no usable HTTP request at all, before any transport sees it: by a {@code
 * google.rpc.Status} like every error, in the request's encoding as far as its headers are known.
 * The connection cannot be understood from here on and is closed.
 */
final class InvalidRequest implements Handler<HttpServerRequest> {
  private static final Logger log = LoggerFactory.getLogger(InvalidRequest.class);

  private final RequestMetrics requests;

  InvalidRequest(RequestMetrics requests) {
    this.requests = requests;
  }

  @Override
  public void handle(HttpServerRequest request) {
    requests.begin("http", "none").end(Reason.MALFORMED.label());
    Throwable cause = request.decoderResult().cause();
    int status = 400;
    String problem = "no HTTP request: " + (cause == null ? "" : cause.getMessage());
    if (cause instanceof TooLongHttpLineException) {
      status = 414;
      problem = "the request line is too long";
    } else if (cause instanceof TooLongHttpHeaderException) {
      status = 431;
      problem = "the headers are too long";
    }
    BodyFormat format = BodyFormat.of(request.getHeader("content-type")).orElse(BodyFormat.JSON);
    RefusedException refusal = new RefusedException(Reason.MALFORMED, problem);
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", format.mediaType())
        .putHeader("connection", "close")
        .end(Buffer.buffer(RpcStatus.in(format, refusal, 0)))
        .eventually(() -> request.connection().close())
        .onFailure(failure -> log.debug("an answer had no reader: {}", failure.toString()));
  }
}
