package dev.tocsin.common.kafka;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How the thread of a {@link Work} waits for an answer: it blocks in a service, and in a simulation
 * it lets the others go on.
 */
public interface Awaiting {
  /**
   * The future's result.
   *
   * @throws TimeoutException when there is none in time
   * @throws Exception the future's failure
   */
  <T> T await(Future<T> future) throws Exception;

  /** Blocks, each time for up to this long. */
  static Awaiting blocking(Duration limit) {
    return new Awaiting() {
      @Override
      public <T> T await(Future<T> future) throws Exception {
        try {
          return future
              .toCompletionStage()
              .toCompletableFuture()
              .get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
          throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
          throw new TimeoutException("no answer in " + limit.toSeconds() + " s");
        }
      }
    };
  }
}
