package dev.tocsin.storage.consume;

import io.vertx.core.Future;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting on a poll thread, which is the place where consuming may wait. */
final class Blocking {
  private static final long TIMEOUT_SECONDS = 60;

  private Blocking() {}

  /**
   * The future's result.
   *
   * @throws Exception the future's failure, or a timeout after a minute
   */
  static <T> T await(Future<T> future) throws Exception {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer in " + TIMEOUT_SECONDS + " s", e);
    }
  }
}
