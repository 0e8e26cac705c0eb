package dev.tocsin.console.proxy;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Passes requests on to the service that answers them. Only a few headers travel: no cookies, no
 * credentials, no hop-by-hop ones.
 */
public final class ApiProxy {
  private static final List<String> REQUEST_HEADERS = List.of("accept", "content-type");
  private static final List<String> RESPONSE_HEADERS =
      List.of("content-type", "cache-control", "retry-after");

  private final Upstreams upstreams;
  private final Duration idleTimeout;

  public ApiProxy(Upstreams upstreams, Duration idleTimeout) {
    this.upstreams = upstreams;
    this.idleTimeout = idleTimeout;
  }

  /** Answers the request; the body, if any, has been read already. */
  public void handle(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    String path = String.valueOf(request.path());
    // What answers GET answers HEAD; the server sends no body then.
    HttpMethod asked = request.method().equals(HttpMethod.HEAD) ? HttpMethod.GET : request.method();
    Optional<ApiRoute> found = ApiRoute.find(asked, path);
    if (found.isEmpty()) {
      refuse(routing, ApiRoute.allowed(path));
      return;
    }
    ApiRoute route = found.get();
    upstreams
        .open(route.upstream(), route.method(), request.uri(), idleTimeout)
        .compose(
            upstream ->
                send(routing, upstream).compose(answer -> receive(routing.response(), answer)))
        .onFailure(
            e ->
                fail(
                    routing,
                    new Problem(
                        502,
                        "Bad Gateway",
                        route.upstream().serviceName() + " does not answer: " + e.getMessage())));
  }

  private static void refuse(RoutingContext routing, String allowed) {
    HttpServerRequest request = routing.request();
    HttpServerResponse response = routing.response();
    if (allowed.isEmpty()) {
      throw problem(
          Problem.notFound(request.method() + " " + request.path() + " is not offered here"));
    }
    response.putHeader(HttpHeaders.ALLOW, allowed);
    if (request.method().equals(HttpMethod.OPTIONS)) {
      var unused = response.setStatusCode(204).end();
      return;
    }
    throw problem(
        new Problem(
            405,
            "Method Not Allowed",
            request.method() + " is not offered here (expected: " + allowed + ")"));
  }

  private static Future<HttpClientResponse> send(
      RoutingContext routing, HttpClientRequest upstream) {
    for (String name : REQUEST_HEADERS) {
      String value = routing.request().getHeader(name);
      if (value != null) {
        upstream.putHeader(name, value);
      }
    }
    Buffer body = routing.body().buffer();
    return upstream.getMethod().equals(HttpMethod.GET) || body == null
        ? upstream.send()
        : upstream.send(body);
  }

  private static Future<Void> receive(HttpServerResponse to, HttpClientResponse answer) {
    to.setStatusCode(answer.statusCode());
    for (String name : RESPONSE_HEADERS) {
      String value = answer.getHeader(name);
      if (value != null) {
        to.putHeader(name, value);
      }
    }
    to.setChunked(true);
    return answer.pipeTo(to);
  }

  private static void fail(RoutingContext routing, Problem problem) {
    HttpServerResponse response = routing.response();
    if (response.headWritten()) {
      // Half an answer must not look like a whole one.
      var unused = response.reset();
      return;
    }
    response.setChunked(false);
    problem.send(response);
  }

  private static ProblemException problem(Problem problem) {
    return new ProblemException(problem);
  }
}
