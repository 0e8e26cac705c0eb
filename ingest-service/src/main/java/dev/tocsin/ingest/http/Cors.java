package dev.tocsin.ingest.http;

import dev.tocsin.ingest.access.OriginPattern;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.function.Predicate;

/**
 * Lets pages of the listed origins send telemetry. Without credentials, so headers and methods may
 * be permissive. Applies to errors too, or a page could not see them.
 */
final class Cors {
  private final List<OriginPattern> origins;
  private final Predicate<String> more;
  private final boolean any;
  private final long maxAgeSeconds;

  /**
   * @param origins such as {@code https://shop.example} or {@code https://*.shop.example}; {@code
   *     *} stands for all
   * @param more says whether another origin may send too
   */
  Cors(List<String> origins, Predicate<String> more, long maxAgeMs) {
    this.origins = origins.stream().map(OriginPattern::new).toList();
    this.more = more;
    this.any = this.origins.stream().anyMatch(OriginPattern::any);
    this.maxAgeSeconds = maxAgeMs / 1_000;
  }

  /** Adds what the browser needs to let the page read the answer. */
  void apply(HttpServerRequest request) {
    String origin = request.getHeader("origin");
    if (origin == null) {
      return;
    }
    HttpServerResponse response = request.response();
    if (any) {
      response.putHeader("access-control-allow-origin", "*");
    } else {
      response.putHeader("vary", "origin");
      if (origins.stream().noneMatch(known -> known.matches(origin)) && !more.test(origin)) {
        return;
      }
      response.putHeader("access-control-allow-origin", origin);
    }
    response.putHeader("access-control-expose-headers", "retry-after, www-authenticate");
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
