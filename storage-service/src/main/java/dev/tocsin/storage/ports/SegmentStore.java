package dev.tocsin.storage.ports;

import dev.tocsin.common.kafka.Resume;
import dev.tocsin.segment.metric.SeriesSamples;
import io.vertx.core.Future;
import java.util.List;

/**
 * Where batches are stored exactly once. The offset moves in the same statement as the data, as a
 * compare-and-set on the offset before it: a replay, or a writer that lost its partition, changes
 * nothing. Futures fail when the database cannot answer; whether a failed {@link #commit} took
 * effect is told by {@link #point} afterwards. {@link UnstorableException} says that it is the data
 * that are refused. Thread-safe.
 */
public interface SegmentStore {

  /** Up to where the partition is stored; {@link Resume.Point#NONE} when nothing is. */
  Future<Resume.Point> point(String topic, int part);

  /**
   * Goes on elsewhere, without data, and records what is missing.
   *
   * @return false when the partition was not at {@code kept}: nothing was changed
   */
  Future<Boolean> resume(String topic, int part, Resume.Point kept, Resume resume);

  /**
   * Stores the batch and moves the offset.
   *
   * @return false when the partition's offset and epoch were not the batch's: nothing was stored
   */
  Future<Boolean> commit(Batch batch);

  /** The last sample of every accumulated series as of the partition's offset. */
  Future<List<SeriesSamples>> totals(int part, int source);
}
