package dev.tocsin.common.kafka;

import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What a service does with the records of its topics: stage them one by one, make durable what was
 * staged. {@link RecordKernel} does everything else: it decides where to go on after a failure,
 * finds the record that is to blame, puts it aside and tells how far the work is. Made anew with
 * each new source; used by one thread, which may block.
 *
 * <p>A work never catches what it did not expect: an exception from here costs at most the one
 * record that causes it. Two kinds of failures are told apart by {@link #environmental}: the world
 * is ill (nothing is put aside, everything is tried again), or a record is.
 */
public interface Work {

  /** Called once, before anything else, with the source for questions about partitions. */
  default void open(RecordSource source) throws Exception {}

  /**
   * Records of this partition follow. Called when the partition is assigned, and again, after
   * {@link #end}, when a failure, a replay or offsets out of range make it begin anew.
   *
   * @return the offset of the first record wanted
   */
  long begin(TopicPartition partition, Extent extent) throws Exception;

  /**
   * The partition is not ours any more, or begins anew: what is staged of it is to be forgotten at
   * once. Never called within {@link #flush}.
   */
  default void end(TopicPartition partition) {}

  /** Stages the next record of its partition. When it throws, nothing of the record counts. */
  Verdict take(ConsumerRecord<byte[], byte[]> message) throws Exception;

  /**
   * Goes past a record without using it, staged like one that was taken: it is in the dead letters.
   */
  default void skip(ConsumerRecord<byte[], byte[]> message) throws Exception {}

  /**
   * Asked after every record: whether nothing more can be staged before a flush, which then comes
   * at once, for everything. A work that makes room by itself need not ask for it.
   */
  default boolean isFull() {
    return false;
  }

  /**
   * Called after every poll, with or without records: makes durable what is due.
   *
   * @throws PartitionFailure when only what is staged of one partition is affected
   * @throws RecordFailure when the record to blame is known
   * @throws Exception anything else affects all that is staged
   */
  void flush(Turn turn) throws Exception;

  /** For how long the next poll may wait for records. */
  default Duration pollWait() {
    return Duration.ofMillis(500);
  }

  /**
   * Whether a failure says nothing about records: then nothing is put aside, the source and the
   * work are made anew and begin where they were. What is not known to be the world's fault is
   * taken for a record's.
   */
  default boolean environmental(Throwable failure) {
    return Failures.environmental(failure);
  }

  /**
   * Asked after one and the same record has failed again and again by failures that look
   * environmental: whether what this work needs does answer, apart from that record.
   */
  default boolean probe() {
    return false;
  }

  /** Last words, on failure too; makes nothing durable that is not certain. */
  default void close() throws Exception {}

  /** The kernel as a flush sees it. */
  interface Turn {
    /** Whether everything staged is to be durable when the flush returns. */
    boolean now();

    /** Everything of the partition before this offset is durable, or in the dead letters. */
    void durable(TopicPartition partition, long offset);

    /**
     * Begins the partition anew, for reasons of the work's own: the store has moved on without us,
     * or other records are wanted.
     */
    void restart(TopicPartition partition);

    /** Offset before which every record of the partition has been handed over. */
    long position(TopicPartition partition);
  }

  /** What was staged of one partition cannot be made durable. */
  final class PartitionFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient TopicPartition partition;

    public PartitionFailure(TopicPartition partition, Throwable cause) {
      super(cause.getMessage(), cause);
      this.partition = partition;
    }

    public TopicPartition partition() {
      return partition;
    }
  }

  /** One record cannot be made durable; those of its partition before it are. */
  final class RecordFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient TopicPartition partition;
    private final long offset;

    public RecordFailure(TopicPartition partition, long offset, Throwable cause) {
      super(cause.getMessage(), cause);
      this.partition = partition;
      this.offset = offset;
    }

    public TopicPartition partition() {
      return partition;
    }

    public long offset() {
      return offset;
    }
  }
}
