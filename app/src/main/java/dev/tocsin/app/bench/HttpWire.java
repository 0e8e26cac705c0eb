package dev.tocsin.app.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection, on one event loop; opened again when it was lost. gRPC is spoken directly on
 * HTTP/2: a call is one message in a frame of its own.
 */
final class HttpWire implements LoadWire {
  private static final long RECONNECT_MS = 100;

  private final Vertx vertx;
  private final HttpClientAgent client;
  private final BenchOptions options;
  private final RequestOptions template;
  private @Nullable Future<HttpClientConnection> connection;

  HttpWire(Vertx vertx, HttpClientAgent client, BenchOptions options) {
    this.vertx = vertx;
    this.client = client;
    this.options = options;
    this.template = template(options);
  }

  private static RequestOptions template(BenchOptions options) {
    String base = options.endpoint().getPath().replaceAll("/+$", "");
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setURI(base + options.protocol().path(options.signal()))
            .putHeader("content-type", options.protocol().contentType())
            .putHeader("user-agent", "tocsin-bench");
    boolean compressed = options.compression() != BodyCompression.NONE;
    if (options.protocol() == Protocol.GRPC) {
      request.putHeader("te", "trailers").putHeader("grpc-timeout", options.timeoutMs() + "m");
      if (compressed) {
        request.putHeader("grpc-encoding", options.compression().label());
      }
    } else if (compressed) {
      request.putHeader("content-encoding", options.compression().label());
    }
    options.headers().forEach(request::putHeader);
    return request;
  }

  /** Opens the connection; its outcome tells how many requests it takes at a time. */
  Future<Long> open() {
    return connected().map(HttpClientConnection::maxActiveStreams);
  }

  private Future<HttpClientConnection> connected() {
    Future<HttpClientConnection> current = connection;
    if (current != null) {
      return current;
    }
    HttpConnectOptions target =
        new HttpConnectOptions()
            // Of an IPv6 address without its brackets.
            .setHost(options.endpoint().getHost().replaceAll("[\\[\\]]", ""))
            .setPort(options.endpoint().getPort());
    Future<HttpClientConnection> opening = client.connect(target);
    connection = opening;
    opening
        .onSuccess(open -> open.closeHandler(closed -> forget(opening)))
        // Nobody listening yet: whoever asks in the next moment gets the same answer.
        .onFailure(e -> vertx.setTimer(RECONNECT_MS, id -> forget(opening)));
    return opening;
  }

  private void forget(Future<HttpClientConnection> lost) {
    if (connection == lost) {
      connection = null;
    }
  }

  @Override
  public Future<RequestOutcome> send(Buffer body) {
    return connected().compose(open -> exchange(open, body)).recover(this::failed);
  }

  private Future<RequestOutcome> exchange(HttpClientConnection open, Buffer body) {
    return open.request(template)
        .compose(
            request ->
                request
                    .send(body)
                    .compose(this::outcome)
                    .timeout(options.timeoutMs(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> abandon(request)));
  }

  private static void abandon(HttpClientRequest request) {
    // It may be over already; then there is nothing to abandon.
    var unused = request.reset();
  }

  private Future<RequestOutcome> outcome(HttpClientResponse response) {
    return response
        .body()
        .map(
            body ->
                options.protocol() == Protocol.GRPC
                    ? Replies.grpc(
                        response.statusCode(), response.headers(), response.trailers(), body)
                    : Replies.http(
                        response.statusCode(),
                        response.getHeader("retry-after"),
                        body,
                        options.protocol() == Protocol.HTTP_JSON));
  }

  /** After a pause when there is no connection, so that a closed loop does not spin. */
  private Future<RequestOutcome> failed(Throwable failure) {
    if (failure instanceof TimeoutException) {
      return Future.succeededFuture(RequestOutcome.retryable("timeout", 0));
    }
    Promise<RequestOutcome> later = Promise.promise();
    vertx.setTimer(RECONNECT_MS, id -> later.complete(RequestOutcome.retryable("connection", 0)));
    return later.future();
  }
}
