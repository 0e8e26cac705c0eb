package dev.tocsin.storage.write.consume;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Heap for totals, which all partitions of a process share: what one of them needs depends on how
 * many there are beside it, and nobody knows that before. Used from any thread.
 */
final class TotalsMemory {
  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param bytesMax beyond which no further series is admitted
   */
  TotalsMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  boolean hasRoom() {
    return bytes.get() < bytesMax;
  }

  /** Takes room whether there is any or not: what is stored already has to be gone on with. */
  void take(long more) {
    bytes.addAndGet(more);
  }

  long bytes() {
    return bytes.get();
  }
}
