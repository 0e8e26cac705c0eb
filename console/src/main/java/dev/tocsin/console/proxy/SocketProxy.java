package dev.tocsin.console.proxy;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Passes WebSockets on: the service is asked first, so that its refusal is an HTTP answer. Frames
 * go through as they are, no faster than the slower side takes them; either end closes both.
 */
public final class SocketProxy {
  /** The only one there is: live tail. */
  private static final String TAIL = "/api/v1/logs/tail";

  static final int SOCKETS_MAX = 32;
  private static final int URI_CHARS_MAX = 8_192;
  private static final long PING_MS = 20_000;
  private static final short GOING_AWAY = 1001;
  private static final int RESERVED_CODES = 1004;
  private static final int RESERVED_CODES_END = 1006;

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final AtomicInteger open = new AtomicInteger();

  public SocketProxy(Vertx vertx, Upstreams upstreams) {
    this.vertx = vertx;
    this.upstreams = upstreams;
  }

  /** Whether the request is for a WebSocket, which has no body and is no request that ends. */
  public static boolean isFor(HttpServerRequest request) {
    return "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
  }

  /** Opens it on both sides, or answers why not. */
  public void handle(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    if (!TAIL.equals(request.path()) || request.uri().length() > URI_CHARS_MAX) {
      throw new ProblemException(
          Problem.notFound("no WebSocket " + request.path() + " is offered here"));
    }
    if (open.incrementAndGet() > SOCKETS_MAX) {
      open.decrementAndGet();
      throw new ProblemException(
          Problem.unavailable(SOCKETS_MAX + " live tails are open here (expected: a later retry)"));
    }
    request.pause();
    upstreams
        .webSocket(Upstream.STORAGE, request.uri())
        .compose(service -> accept(request, service))
        .onFailure(
            refusal -> {
              open.decrementAndGet();
              request.resume();
              if (!routing.response().closed()) {
                refuse(routing, refusal);
              }
            });
  }

  private Future<Void> accept(HttpServerRequest request, WebSocket service) {
    service.pause();
    return request
        .toWebSocket()
        .onFailure(gone -> close(service, null))
        .map(
            client -> {
              join(client, service);
              return null;
            });
  }

  private void join(ServerWebSocket client, WebSocket service) {
    forward(service, client);
    forward(client, service);
    long pings =
        vertx.setPeriodic(
            PING_MS,
            id -> client.writePing(Buffer.buffer("tail")).onFailure(gone -> close(client, null)));
    client.closeHandler(
        closed -> {
          open.decrementAndGet();
          vertx.cancelTimer(pings);
          close(service, client.closeStatusCode());
        });
    service.closeHandler(closed -> close(client, service.closeStatusCode()));
    // It may have closed before anybody listened.
    if (service.isClosed()) {
      close(client, service.closeStatusCode());
    }
    service.resume();
  }

  private static void forward(WebSocketBase from, WebSocketBase to) {
    from.exceptionHandler(broken -> close(to, null));
    from.frameHandler(
        frame -> {
          if (!isData(frame)) {
            return;
          }
          to.writeFrame(frame).onFailure(gone -> close(from, null));
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(ready -> from.resume());
          }
        });
  }

  private static boolean isData(WebSocketFrame frame) {
    return frame.isText() || frame.isBinary() || frame.isContinuation();
  }

  private static void close(WebSocketBase socket, @Nullable Short code) {
    if (!socket.isClosed()) {
      var unused = socket.close(sendable(code));
    }
  }

  /** Some codes say how a connection ended and are never sent. */
  private static short sendable(@Nullable Short code) {
    if (code == null || (code >= RESERVED_CODES && code <= RESERVED_CODES_END)) {
      return GOING_AWAY;
    }
    return code;
  }

  private static void refuse(RoutingContext routing, Throwable refusal) {
    if (refusal instanceof UpgradeRejectedException answered) {
      Buffer body = answered.getBody();
      routing
          .response()
          .setStatusCode(answered.getStatus())
          .putHeader("content-type", "application/problem+json")
          .end(body == null ? Buffer.buffer() : body);
      return;
    }
    new Problem(
            502,
            "Bad Gateway",
            Upstream.STORAGE.serviceName() + " does not answer: " + refusal.getMessage())
        .send(routing.response());
  }
}
