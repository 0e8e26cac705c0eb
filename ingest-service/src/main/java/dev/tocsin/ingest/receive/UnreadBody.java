package dev.tocsin.ingest.receive;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;

/** What is left of a request that was answered before its end. */
public final class UnreadBody {
  private UnreadBody() {}

  /**
   * Has the rest of the body read and dropped, so that the client gets to read the answer; but not
   * for ever: then the connection is closed.
   */
  public static void drain(Vertx vertx, HttpServerRequest request, long timeoutMs) {
    if (request.isEnded()) {
      return;
    }
    long timer =
        vertx.setTimer(
            timeoutMs, id -> request.connection().close().onFailure(UnreadBody::alreadyGone));
    request.end().onComplete(ended -> vertx.cancelTimer(timer));
  }

  private static void alreadyGone(Throwable failure) {}
}
