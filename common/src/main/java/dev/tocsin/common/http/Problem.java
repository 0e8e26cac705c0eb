package dev.tocsin.common.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** An error answer after RFC 9457: {@code application/problem+json} with status, title, detail. */
public record Problem(int status, String title, String detail) {
  /** What is away is mostly back so soon, or for longer than anybody could say. */
  private static final String RETRY_AFTER_SECONDS = "5";

  public static Problem badRequest(String detail) {
    return new Problem(400, "Bad Request", detail);
  }

  public static Problem notFound(String detail) {
    return new Problem(404, "Not Found", detail);
  }

  public static Problem conflict(String detail) {
    return new Problem(409, "Conflict", detail);
  }

  public static Problem unavailable(String detail) {
    return new Problem(503, "Service Unavailable", detail);
  }

  /** Says when to come again after a 503, unless it has been said. */
  static void advise(HttpServerResponse response, int status) {
    if (status == 503 && !response.headers().contains(HttpHeaders.RETRY_AFTER)) {
      response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
  }

  /** Ends the response with this problem, unless it has been ended already. */
  public void send(HttpServerResponse response) {
    if (response.ended()) {
      return;
    }
    JsonObject body =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", detail);
    advise(response, status);
    response
        .setStatusCode(status)
        .putHeader("content-type", "application/problem+json")
        .end(body.toBuffer());
  }
}
