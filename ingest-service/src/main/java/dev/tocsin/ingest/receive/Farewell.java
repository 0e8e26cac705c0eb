package dev.tocsin.ingest.receive;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Tells clients of one event loop to go elsewhere when the service stops: HTTP/2 connections get a
 * GOAWAY that still lets what is under way be answered, HTTP/1.1 answers say {@code connection:
 * close}. On that event loop only.
 */
final class Farewell implements Handler<HttpServerRequest> {
  private static final long NO_ERROR = 0;

  private final Handler<HttpServerRequest> requests;
  private final Set<HttpConnection> connections =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean leaving;

  Farewell(Handler<HttpServerRequest> requests) {
    this.requests = requests;
  }

  /** A connection that has said which protocol it speaks. */
  void met(HttpConnection connection) {
    connections.add(connection);
    connection.closeHandler(closed -> connections.remove(connection));
    if (leaving) {
      sayGoodbye(connection);
    }
  }

  void begin() {
    leaving = true;
    connections.forEach(Farewell::sayGoodbye);
  }

  private static void sayGoodbye(HttpConnection connection) {
    if (isHttp2(connection)) {
      // Up to the last stream there can be: requests that cross this one get a proper answer.
      connection.goAway(NO_ERROR, Integer.MAX_VALUE);
    }
  }

  private static boolean isHttp2(HttpConnection connection) {
    try {
      return connection.settings() != null;
    } catch (UnsupportedOperationException http1) {
      return false;
    }
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (leaving && request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader("connection", "close");
    }
    requests.handle(request);
  }
}
