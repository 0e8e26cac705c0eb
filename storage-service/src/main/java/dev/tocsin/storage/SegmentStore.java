package dev.tocsin.storage;

import dev.tocsin.storage.segment.SeriesSamples;
import io.vertx.core.Future;
import java.util.List;

/**
 * Where batches are stored exactly once. The offset moves in the same statement as the data, as a
 * compare-and-set on the offset before it: a replay, or a writer that lost its partition, changes
 * nothing. Futures fail when the database cannot answer; whether a failed {@link #commit} took
 * effect is told by {@link #nextOffset} afterwards. {@link UnstorableException} says that it is the
 * data that are refused. Thread-safe.
 */
public interface SegmentStore {

  /** The first offset of the partition that is not stored yet; 0 when nothing is. */
  Future<Long> nextOffset(String topic, int part);

  /**
   * Moves the offset without data, after the topic was made anew.
   *
   * @return false when it was not at {@code expected}
   */
  Future<Boolean> moveOffset(String topic, int part, long expected, long next);

  /**
   * Stores the batch and moves the offset.
   *
   * @return false when the partition's offset was not the batch's: nothing was stored
   */
  Future<Boolean> commit(Batch batch);

  /** The last sample of every accumulated series as of the partition's offset. */
  Future<List<SeriesSamples>> totals(int part, int source);
}
