package dev.tocsin.storage.keep.merge;

import io.vertx.core.Future;
import java.time.Instant;

/**
 * Where segments are merged. A merge happens whole or not at all, and readers see the segments
 * before it or the merged one, never both or neither. Thread-safe.
 */
public interface MergeStore {

  /** What is merged apart. */
  enum Kind {
    SPANS,
    LOGS,
    SAMPLES
  }

  /**
   * Merges some small segments of one hour.
   *
   * @param before end of the last hour to look at
   * @return how many segments went; 0 when there is nothing to do now
   */
  Future<Integer> mergeSome(Kind kind, Instant before);
}
