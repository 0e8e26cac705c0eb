package dev.tocsin.console.web;

import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.console.proxy.ApiProxy;
import dev.tocsin.console.proxy.SocketProxy;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/** The page at {@code /}, its status at {@code /api/status}, and the proxied APIs. */
public final class ConsoleRoutes {
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

  private final Supplier<Future<JsonObject>> status;
  private final ApiProxy proxy;
  private final SocketProxy sockets;

  public ConsoleRoutes(Supplier<Future<JsonObject>> status, ApiProxy proxy, SocketProxy sockets) {
    this.status = status;
    this.proxy = proxy;
    this.sockets = sockets;
  }

  /** Adds the routes. */
  public void install(Router router) {
    router.route().handler(ConsoleRoutes::shield);
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

  private static void shield(RoutingContext routing) {
    routing
        .response()
        .putHeader("content-security-policy", CONTENT_SECURITY_POLICY)
        .putHeader("referrer-policy", "no-referrer");
    routing.next();
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
