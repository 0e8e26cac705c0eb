package dev.tocsin.ingest.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * Lets pages of the listed origins send telemetry. Without credentials, so headers and methods may
 * be permissive. Applies to errors too, or a page could not see them.
 */
final class Cors {
  private final List<String> origins;
  private final long maxAgeSeconds;

  /**
   * @param origins such as {@code https://shop.example}; {@code *} stands for all
   */
  Cors(List<String> origins, long maxAgeMs) {
    this.origins = origins;
    this.maxAgeSeconds = maxAgeMs / 1_000;
  }

  /** Adds what the browser needs to let the page read the answer. */
  void apply(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    if (origin == null || origins.isEmpty()) {
      return;
    }
    HttpServerResponse response = request.response();
    if (origins.contains("*")) {
      response.putHeader("access-control-allow-origin", "*");
    } else {
      response.putHeader("vary", "origin");
      if (!origins.contains(origin)) {
        return;
      }
      response.putHeader("access-control-allow-origin", origin);
    }
    response.putHeader("access-control-expose-headers", "retry-after");
  }

  /** Answers the question a browser asks before it sends: see {@link #apply} for the origin. */
  void preflight(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.putHeader("allow", "POST, OPTIONS");
    if (response.headers().contains("access-control-allow-origin")) {
      response
          .putHeader("access-control-allow-methods", "POST")
          .putHeader("access-control-max-age", Long.toString(maxAgeSeconds));
      String headers = request.getHeader("access-control-request-headers");
      if (headers != null) {
        response.putHeader("access-control-allow-headers", headers);
      }
    }
    response.setStatusCode(204).end().onFailure(HttpAnswer::clientGone);
  }
}
