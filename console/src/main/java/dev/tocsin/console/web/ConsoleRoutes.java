package dev.tocsin.console.web;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.console.proxy.ApiProxy;
import dev.tocsin.console.proxy.SocketProxy;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The page at {@code /}, its status at {@code /api/status}, and the proxied APIs. Until people log
 * in, two rules keep foreign pages out: the Host must be one of ours, and what changes something,
 * or opens a WebSocket, must come from a page of our own origin.
 */
public final class ConsoleRoutes {
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private final Set<String> allowedHosts;
  private final Supplier<Future<JsonObject>> status;
  private final ApiProxy proxy;
  private final SocketProxy sockets;

  public ConsoleRoutes(
      List<String> allowedHosts,
      Supplier<Future<JsonObject>> status,
      ApiProxy proxy,
      SocketProxy sockets) {
    this.allowedHosts = Set.copyOf(allowedHosts);
    this.status = status;
    this.proxy = proxy;
    this.sockets = sockets;
  }

  /** Adds the routes. */
  public void install(Router router) {
    router.route().handler(this::guard);
    Page page = Page.load();
    page.files().forEach((path, file) -> router.get(path).handler(file::send));
    router.get("/api/status").handler(this::status);
    router.route("/api/v1/*").handler(this::pass);
    router.route("/prometheus/*").handler(this::pass);
  }

  private void pass(RoutingContext routing) {
    if (SocketProxy.isFor(routing.request())) {
      sockets.handle(routing);
    } else {
      proxy.handle(routing);
    }
  }

  private void guard(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    routing
        .response()
        .putHeader("content-security-policy", CONTENT_SECURITY_POLICY)
        .putHeader("x-content-type-options", "nosniff")
        .putHeader("referrer-policy", "no-referrer");
    HostAndPort authority = request.authority();
    if (authority == null || !allowedHosts.contains(authority.host().toLowerCase(Locale.ROOT))) {
      throw refused(
          "Host "
              + (authority == null ? "is missing" : authority.host())
              + " (expected: one of console.allowed_hosts)");
    }
    boolean reads =
        request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    // What a browser reads for a foreign page, it keeps from it; not so with a WebSocket.
    boolean harmless = reads && !SocketProxy.isFor(request);
    if (!harmless && !sameOrigin(request.getHeader("origin"), authority)) {
      throw refused(
          "Origin " + request.getHeader("origin") + " (expected: this console's own address)");
    }
    routing.next();
  }

  /** Programs without an Origin header are no browsers: only a browser can be tricked. */
  private static boolean sameOrigin(@Nullable String origin, HostAndPort authority) {
    if (origin == null) {
      return true;
    }
    try {
      URI uri = URI.create(origin);
      return authority.host().equalsIgnoreCase(uri.getHost())
          && port(uri.getPort()) == port(authority.port());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static int port(int port) {
    return port < 0 ? 80 : port;
  }

  private static ProblemException refused(String detail) {
    return new ProblemException(new Problem(403, "Forbidden", detail));
  }

  private void status(RoutingContext routing) {
    status
        .get()
        .onSuccess(
            json -> {
              routing.response().putHeader("cache-control", "no-store");
              ServiceHttp.sendJson(routing, 200, json);
            })
        .onFailure(routing::fail);
  }
}
