package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.common.telemetry.RequestMetrics;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server each service has: {@code GET /live}, {@code /ready}, {@code /health}, {@code
 * /metrics} and, behind a {@link HostGuard}, the service's own routes. It is the first component to
 * start and the last to stop, so that a service waiting for a dependency can be asked what it waits
 * for. {@link HttpLimits} bounds what a caller may send.
 */
public final class ServiceHttp implements Component {
  private static final int CHECKERS = 8;

  /** What hangs is named so much and a check's time-out later, whether anybody has asked or not. */
  private static final long CHECKED_EVERY_MS = 2_000;

  private static final long NO_TIMER = -1;

  /** Methods whose body may be a form. */
  private static final Set<HttpMethod> FORMS =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE);

  private final ServiceContext context;
  private final Listen listen;
  private final Supplier<ComponentGroup> checked;
  private final Consumer<Router> routes;
  private final RequestMetrics metrics;
  private @Nullable HttpServer server;
  private @Nullable WorkerExecutor checkers;
  private long healthTimer = NO_TIMER;

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
    // All services of a process share them by this name.
    WorkerExecutor workers = context.vertx().createSharedWorkerExecutor("health", CHECKERS);
    checkers = workers;
    // Before the guard: these answer under any name.
    HealthRoutes health = new HealthRoutes(checked, workers, context.metrics());
    health.addTo(router);
    healthTimer = context.vertx().setPeriodic(CHECKED_EVERY_MS, timer -> health.refresh());
    router.route().handler(new WrongPort(() -> checked.get().name(), listen.names().otlp()));
    router.route().handler(new HostGuard(listen.names(), context.metrics()));
    router.route().handler(ServiceHttp::decode);
    OfferedMethods offered = new OfferedMethods();
    router.route().handler(offered::answerOptions);
    BodyHandler bodies = BodyHandler.create(false).setBodyLimit(HttpLimits.BODY_BYTES_MAX);
    router.route().handler(routing -> accept(routing, bodies));
    routes.accept(router);
    offered.learn(router);
    HttpErrors.addTo(router, offered);
    server =
        context
            .vertx()
            .createHttpServer(HttpLimits.options(listen))
            .invalidRequestHandler(HttpErrors::invalid)
            .requestHandler(router);
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

  /** Later nobody could tell whose mistake it was. */
  private static void decode(RoutingContext routing) {
    try {
      routing.request().params();
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.badRequest("the query string cannot be decoded: " + e.getMessage()));
    }
    routing.next();
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
    if (FORMS.contains(routing.request().method()) || !isForm(routing)) {
      bodies.handle(routing);
    } else {
      // A form where none can be: the body means nothing, and reading it as one fails.
      routing.next();
    }
  }

  private static boolean isForm(RoutingContext routing) {
    String type = routing.request().getHeader(HttpHeaders.CONTENT_TYPE);
    String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
    return lower.startsWith("multipart/form-data")
        || lower.startsWith("application/x-www-form-urlencoded");
  }

  /** Ends the response with a JSON body. */
  public static void sendJson(RoutingContext routing, int status, JsonObject body) {
    Problem.advise(routing.response(), status);
    routing
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body.toBuffer());
  }

  @Override
  public Future<Void> stop() {
    context.vertx().cancelTimer(healthTimer);
    Future<Void> closed = server == null ? Future.succeededFuture() : server.close();
    return closed.eventually(() -> checkers == null ? Future.succeededFuture() : checkers.close());
  }
}
