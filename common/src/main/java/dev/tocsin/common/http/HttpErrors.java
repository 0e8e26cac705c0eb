package dev.tocsin.common.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every refusal and failure as a {@link Problem}, also of what is no usable request at all. */
final class HttpErrors {
  private static final Logger log = LoggerFactory.getLogger(HttpErrors.class);

  private HttpErrors() {}

  /** To be called when all routes are there. */
  static void addTo(Router router, OfferedMethods offered) {
    router.route().failureHandler(HttpErrors::fail);
    router.errorHandler(404, offered::refuse);
    router.errorHandler(405, offered::refuse);
  }

  private static void fail(RoutingContext routing) {
    Throwable failure = routing.failure();
    int status = routing.statusCode();
    if (failure instanceof ProblemException known) {
      known.problem().send(routing.response());
    } else if (status == 413) {
      new Problem(
              413,
              "Content Too Large",
              "the body is too long (expected: at most " + HttpLimits.BODY_BYTES_MAX + " bytes)")
          .send(routing.response());
    } else if (status >= 400 && status < 500) {
      String detail = failure == null ? "the request cannot be served" : failure.getMessage();
      new Problem(status, "Request refused", String.valueOf(detail)).send(routing.response());
    } else {
      log.error("{} {} failed", routing.request().method(), routing.request().path(), failure);
      new Problem(500, "Internal Server Error", "the service log has the cause")
          .send(routing.response());
    }
  }

  /** The connection cannot be understood from here on and is closed. */
  static void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    Problem problem;
    if (cause instanceof TooLongHttpLineException) {
      problem =
          new Problem(
              414,
              "URI Too Long",
              "the URI is too long (expected: at most " + HttpLimits.URI_BYTES_MAX + " bytes)");
    } else if (cause instanceof TooLongHttpHeaderException) {
      problem =
          new Problem(
              431,
              "Request Header Fields Too Large",
              "the headers are too long (expected: at most "
                  + HttpLimits.HEADER_BYTES_MAX
                  + " bytes)");
    } else {
      problem = Problem.badRequest("no HTTP request: " + (cause == null ? "" : cause.getMessage()));
    }
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    request.response().closeHandler(closed -> log.debug("closed after {}", problem.detail()));
    request
        .response()
        .endHandler(
            ended ->
                request
                    .connection()
                    .close()
                    .onFailure(e -> log.debug("already closed: {}", e.toString())));
    problem.send(request.response());
  }
}
