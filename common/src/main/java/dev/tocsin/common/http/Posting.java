package dev.tocsin.common.http;

import dev.tocsin.common.http.OutboundHttp.Answer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request on its way out. Its time-out is one moment: what has not begun to be written then
 * never will be, however late the name is resolved, a connection is there or TLS is agreed on; so a
 * caller that tries again sends it once.
 */
final class Posting {
  private static final int RESPONSE_BYTES_MAX = 64 << 10;

  private enum State {
    WAITING,
    WRITTEN,
    OVER
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final Duration timeout;

  Posting(Duration timeout) {
    this.timeout = timeout;
  }

  boolean isOver() {
    return state.get() == State.OVER;
  }

  /**
   * Settles within the time-out whatever the way does.
   *
   * @param way fails, or gives a request that nothing of was sent yet; may come too late
   */
  Future<Answer> post(Future<HttpClientRequest> way, Buffer body) {
    Promise<Answer> done = Promise.promise();
    Future<Answer> exchange = way.compose(request -> exchange(request, body, done.future()));
    exchange.onComplete(done::tryComplete, done::tryFail);
    return done.future()
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> Future.failedFuture(giveUp(failure, done)));
  }

  /** Before the caller is told of a time-out it is settled that nothing more is written. */
  private Throwable giveUp(Throwable failure, Promise<Answer> done) {
    boolean unsent = state.getAndSet(State.OVER) == State.WAITING;
    done.tryFail(failure);
    return failure instanceof TimeoutException && unsent
        ? new TimeoutException("nothing was sent in " + timeout.toMillis() + " ms")
        : failure;
  }

  private Future<Answer> exchange(HttpClientRequest request, Buffer body, Future<Answer> done) {
    if (!state.compareAndSet(State.WAITING, State.WRITTEN)) {
      drop(request);
      return Future.failedFuture(new TimeoutException("too late to be sent"));
    }
    // A server that drips bytes never trips the idle timeout: end the exchange itself.
    done.onFailure(over -> drop(request));
    return request.send(body).compose(response -> read(request, response));
  }

  /** Nothing more of it goes out; the connection is not used again. */
  private static void drop(HttpClientRequest request) {
    request.reset().onFailure(unused -> request.connection().close());
  }

  private static Future<Answer> read(HttpClientRequest request, HttpClientResponse response) {
    Promise<Answer> done = Promise.promise();
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          int room = RESPONSE_BYTES_MAX - body.length();
          body.appendBuffer(chunk.slice(0, Math.min(room, chunk.length())));
          if (chunk.length() > room && done.tryComplete(answer(response, body))) {
            request.reset();
          }
        });
    response.exceptionHandler(done::tryFail);
    response.endHandler(ended -> done.tryComplete(answer(response, body)));
    return done.future();
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    return new Answer(response.statusCode(), body, response.getHeader("retry-after"));
  }
}
