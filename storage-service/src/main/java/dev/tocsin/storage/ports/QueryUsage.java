package dev.tocsin.storage.ports;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one query has used so far, together with all queries that it is made of: several databases
 * count as one. Thread-safe.
 */
public final class QueryUsage {
  private static final long UNSET = Long.MIN_VALUE;

  private final AtomicLong deadline = new AtomicLong(UNSET);
  private final AtomicLong bytesRead = new AtomicLong();
  private final AtomicLong bytesHeld = new AtomicLong();

  /**
   * When the query must end, in the time of {@link System#nanoTime}: what the first to ask
   * proposed.
   */
  public long deadline(long proposed) {
    deadline.compareAndSet(UNSET, proposed);
    return deadline.get();
  }

  /** Adds stored bytes that were read; returns all so far. */
  public long read(long bytes) {
    return bytesRead.addAndGet(bytes);
  }

  /** Adds bytes of memory, or takes them away; returns what is held then. */
  public long hold(long bytes) {
    return bytesHeld.addAndGet(bytes);
  }
}
