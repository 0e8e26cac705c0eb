package dev.tocsin.storage.query;

import dev.tocsin.storage.ports.QueryLimitException;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all running queries hold together, as they estimate them; never above the limit. */
final class QueryMemory {
  private final long bytesMax;
  private final AtomicLong held = new AtomicLong();

  QueryMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  long held() {
    return held.get();
  }

  /**
   * @param own what the query holds with these
   * @throws QueryLimitException when that is too much, for the query or for all of them
   */
  void take(long bytes, long own) {
    if (own > bytesMax) {
      throw new QueryMemoryException(bytesMax);
    }
    if (held.addAndGet(bytes) > bytesMax) {
      held.addAndGet(-bytes);
      throw new QueryLimitException(
          QueryLimitException.Kind.BUSY,
          "the queries that run need all of the "
              + bytesMax
              + " bytes of memory (expected: a later retry)");
    }
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }
}
