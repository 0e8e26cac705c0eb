package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.RequestMetrics;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server each service has: {@code GET /health}, {@code /ready}, {@code /metrics} and the
 * service's own routes. It is the first component to start and the last to stop, so that a service
 * waiting for a dependency can be asked what it waits for.
 */
public final class ServiceHttp implements Component {
  private static final Logger log = LoggerFactory.getLogger(ServiceHttp.class);
  private static final long BODY_BYTES_MAX = 1 << 20;
  private static final int FORM_ATTRIBUTE_BYTES_MAX = 256 << 10;

  private final ServiceContext context;
  private final Listen listen;
  private final Supplier<ComponentGroup> checked;
  private final Consumer<Router> routes;
  private final RequestMetrics metrics;
  private @Nullable HttpServer server;

  /**
   * @param checked what {@code /health} and {@code /ready} ask
   * @param routes adds the service's own routes; bodies up to 1 MiB are read for them
   */
  public ServiceHttp(
      ServiceContext context,
      Listen listen,
      Supplier<ComponentGroup> checked,
      Consumer<Router> routes) {
    this(context, listen, checked, routes, new RequestMetrics(context.metrics()));
  }

  /**
   * @param metrics of the service, which has other listeners too
   */
  public ServiceHttp(
      ServiceContext context,
      Listen listen,
      Supplier<ComponentGroup> checked,
      Consumer<Router> routes,
      RequestMetrics metrics) {
    this.context = context;
    this.listen = listen;
    this.checked = checked;
    this.routes = routes;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "http";
  }

  @Override
  public Future<Void> start() {
    Router router = Router.router(context.vertx());
    HealthReport.Source health = HealthReport.source(context.vertx(), checked.get().members());
    router.get("/health").handler(routing -> health(routing, health));
    router.get("/ready").handler(routing -> ready(routing, health));
    router.get("/metrics").handler(this::metrics);
    BodyHandler bodies = BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX);
    router.route().handler(routing -> accept(routing, bodies));
    routes.accept(router);
    router.route().failureHandler(ServiceHttp::fail);
    router.errorHandler(404, c -> Problem.notFound("no " + c.request().path()).send(c.response()));
    router.errorHandler(
        405,
        c ->
            new Problem(405, "Method Not Allowed", c.request().method() + " is not offered here")
                .send(c.response()));
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(listen.host())
            .setPort(listen.port())
            .setIdleTimeout(60)
            .setTcpNoDelay(true)
            // A query may be as long as its parser allows, in a form too.
            .setMaxFormAttributeSize(FORM_ATTRIBUTE_BYTES_MAX)
            .setCompressionSupported(true);
    server = context.vertx().createHttpServer(options).requestHandler(router);
    return server
        .listen()
        .recover(
            e ->
                Future.failedFuture(
                    new IllegalStateException(
                        "cannot listen on " + listen + ": " + e.getMessage(), e)))
        .mapEmpty();
  }

  /** The port listened on, also when 0 was asked for. */
  public int port() {
    return server == null ? listen.port() : server.actualPort();
  }

  /** The address listened on, also when port 0 was asked for. */
  public Listen address() {
    return new Listen(listen.host(), port());
  }

  /** A WebSocket is no request that ends, and can no longer be opened once its body was read. */
  private void accept(RoutingContext routing, BodyHandler bodies) {
    if ("websocket".equalsIgnoreCase(routing.request().getHeader(HttpHeaders.UPGRADE))) {
      routing.next();
      return;
    }
    RequestMetrics.InFlight request = metrics.begin("http", "api");
    routing.addEndHandler(
        ended -> request.end(routing.response().getStatusCode() < 500 ? "" : "server_error"));
    bodies.handle(routing);
  }

  private static void health(RoutingContext routing, HealthReport.Source health) {
    health
        .check()
        .onSuccess(
            report ->
                sendJson(
                    routing, report.all() instanceof Health.Unhealthy ? 503 : 200, report.json()))
        .onFailure(routing::fail);
  }

  /** Asks the components first: what they know of their dependencies may be old. */
  private void ready(RoutingContext routing, HealthReport.Source health) {
    health
        .check()
        .onComplete(
            asked -> {
              boolean ready = checked.get().ready();
              sendJson(routing, ready ? 200 : 503, new JsonObject().put("ready", ready));
            });
  }

  private void metrics(RoutingContext routing) {
    routing
        .response()
        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
        .end(context.metrics().scrape());
  }

  /** Ends the response with a JSON body. */
  public static void sendJson(RoutingContext routing, int status, JsonObject body) {
    routing
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body.toBuffer());
  }

  private static void fail(RoutingContext routing) {
    Throwable failure = routing.failure();
    if (failure instanceof ProblemException known) {
      known.problem().send(routing.response());
    } else if (routing.statusCode() >= 400 && routing.statusCode() < 500) {
      String detail = failure == null ? "the request cannot be served" : failure.getMessage();
      new Problem(routing.statusCode(), "Request refused", String.valueOf(detail))
          .send(routing.response());
    } else {
      log.error("{} {} failed", routing.request().method(), routing.request().path(), failure);
      new Problem(500, "Internal Server Error", "the service log has the cause")
          .send(routing.response());
    }
  }

  @Override
  public Future<Void> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }
}
