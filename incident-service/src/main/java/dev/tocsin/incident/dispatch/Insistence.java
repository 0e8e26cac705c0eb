package dev.tocsin.incident.dispatch;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Has something written down, again and again, for as long as a lease lasts. A connection that
 * broke must not make us forget what a provider has said: the message would be sent again.
 */
final class Insistence {
  private static final long FIRST_WAIT_MS = 100;
  private static final long WAIT_MAX_MS = 5_000;

  /** A connection that died without a word answers never. */
  private static final long ANSWER_MAX_MS = 10_000;

  private final Vertx vertx;
  private final long forNanos;

  Insistence(Vertx vertx, Duration lease) {
    this.vertx = vertx;
    this.forNanos = lease.toNanos();
  }

  /** Fails as the last attempt did. */
  Future<Boolean> on(Supplier<Future<Boolean>> writing) {
    return attempt(writing, System.nanoTime(), FIRST_WAIT_MS);
  }

  private Future<Boolean> attempt(Supplier<Future<Boolean>> writing, long beganNanos, long waitMs) {
    Future<Boolean> written;
    try {
      written = writing.get();
    } catch (RuntimeException e) {
      written = Future.failedFuture(e);
    }
    return written
        .timeout(ANSWER_MAX_MS, TimeUnit.MILLISECONDS)
        .recover(
            failure ->
                System.nanoTime() - beganNanos > forNanos
                    ? Future.failedFuture(failure)
                    : vertx
                        .timer(waitMs)
                        .compose(
                            passed ->
                                attempt(writing, beganNanos, Math.min(WAIT_MAX_MS, 2 * waitMs))));
  }
}
