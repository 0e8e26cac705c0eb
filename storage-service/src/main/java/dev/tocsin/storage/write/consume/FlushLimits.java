package dev.tocsin.storage.write.consume;

import java.time.Duration;

/**
 * When what was buffered of a partition is stored: whichever comes first.
 *
 * @param interval age of the oldest item
 * @param items number of items
 * @param bytes size of the records as they came
 */
public record FlushLimits(Duration interval, int items, long bytes) {
  /**
   * Bytes of heap that what is buffered of a topic may take, about; as much again may be in the
   * air. The partitions read share it.
   */
  static final long TOPIC_HEAP_BYTES_MAX = Runtime.getRuntime().maxMemory() / 8;

  boolean areReached(Buffer buffer, long recordBytes, int partitions) {
    return buffer.items() >= items
        || recordBytes >= bytes
        || (recordBytes + buffer.heapBytes()) * partitions >= TOPIC_HEAP_BYTES_MAX;
  }
}
