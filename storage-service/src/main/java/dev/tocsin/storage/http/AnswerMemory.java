package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.QueryLimitException;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Bytes of the answers that are being made or wait for their clients to take them. A query gives
 * its memory back when it has found something; what is then made of that counts here. Thread-safe.
 */
final class AnswerMemory {
  private final long bytesMax;
  private final AtomicLong held = new AtomicLong();

  AnswerMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Counts bytes until the answer has gone; one alone may have more than all. */
  <T> Future<T> during(long bytes, Supplier<Future<T>> answer) {
    long before = held.getAndAdd(bytes);
    if (before > 0 && before + bytes > bytesMax) {
      held.addAndGet(-bytes);
      return Future.failedFuture(
          new QueryLimitException(
              QueryLimitException.Kind.BUSY,
              "the answers that are being sent need all of the "
                  + bytesMax
                  + " bytes of memory (expected: a later retry)"));
    }
    return answer.get().onComplete(gone -> held.addAndGet(-bytes));
  }

  long held() {
    return held.get();
  }
}
