package dev.tocsin.common.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Tells an exporter that was given the port of an API where OTLP is received. It stands before all
 * else, so that the exporter hears of the port and not of a name, a key or a path.
 */
final class WrongPort implements Handler<RoutingContext> {
  private static final Set<String> PATHS =
      Set.of("/v1/traces", "/v1/metrics", "/v1/logs", "/v1development/profiles");
  private static final String METHODS = "/opentelemetry.proto.collector.";
  private static final String GRPC = "application/grpc";
  private static final String UNIMPLEMENTED = "12";

  private final Supplier<String> service;
  private final OtlpPorts otlp;

  /**
   * @param service whose port this is
   */
  WrongPort(Supplier<String> service, OtlpPorts otlp) {
    this.service = service;
    this.otlp = otlp;
  }

  @Override
  public void handle(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    if (isOtlp(request)) {
      refuse(request);
    } else {
      routing.next();
    }
  }

  private static boolean isOtlp(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.POST)) {
      return false;
    }
    String path = String.valueOf(request.path()).replaceAll("/+", "/");
    String plain =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return isGrpc(request) || plain.startsWith(METHODS) || PATHS.contains(plain);
  }

  private static boolean isGrpc(HttpServerRequest request) {
    String type = request.getHeader("content-type");
    return type != null && type.toLowerCase(Locale.ROOT).startsWith(GRPC);
  }

  private void refuse(HttpServerRequest request) {
    String problem =
        "this port of %s takes no OTLP (expected: port %d for gRPC or %d for HTTP, of ingest-service)"
            .formatted(service.get(), otlp.grpc(), otlp.http());
    if (isGrpc(request)) {
      // What gRPC calls an error has the status 200 in HTTP.
      request
          .response()
          .putHeader("content-type", GRPC)
          .putHeader("grpc-status", UNIMPLEMENTED)
          .putHeader("grpc-message", percentEncoded(problem))
          .end();
    } else {
      Problem.notFound(problem).send(request.response());
    }
  }

  private static String percentEncoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
