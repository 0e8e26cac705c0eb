package dev.tocsin.common.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Records of some partitions, each partition in the order of its offsets: what {@link RecordKernel}
 * needs of a Kafka consumer. Only committed records come. Used by one thread, {@link #wakeup}
 * apart; every method but that may block, for a bounded time, and throws Kafka's own exceptions.
 */
public interface RecordSource extends AutoCloseable {

  /** Who is told which partitions a consumer group gives and takes; called within {@link #poll}. */
  interface Membership {
    /**
     * The partitions are ours too; no record of them comes before {@link RecordSource#seek}. Said
     * after every rebalance, even when there is none to add.
     */
    void assigned(Collection<TopicPartition> partitions);

    /** The partitions are somebody else's, or will be when this returns. */
    void revoked(Collection<TopicPartition> partitions);
  }

  /** Shares the topics' partitions with the other members of the consumer group. */
  void join(Collection<String> topics, Membership membership);

  /** Reads exactly these partitions, whoever else does; none before it has been sought. */
  void assign(Collection<TopicPartition> partitions);

  /** What can be read now. */
  Collection<TopicPartition> assignment();

  /** All partitions of a topic; empty when there is no such topic. */
  List<TopicPartition> partitions(String topic);

  /** Where a partition begins and ends now, and which topic of that name it is. */
  Extent extent(TopicPartition partition);

  /** Offsets after the last committed records. */
  Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions);

  /** The first offset whose record is not older than the time; empty when there is none. */
  OptionalLong offsetAt(TopicPartition partition, long timeMs);

  /** The group's committed offset; empty when there is none. */
  OptionalLong committed(TopicPartition partition);

  /** Reads the partition from this offset on. */
  void seek(TopicPartition partition, long offset);

  /** Offset of the next record to come, past what is no record (transaction markers) too. */
  long position(TopicPartition partition);

  /**
   * Records that came within the time, in order of each partition.
   *
   * @throws org.apache.kafka.clients.consumer.OffsetOutOfRangeException when a partition no longer
   *     has, or does not have, the offset to be read; it stays where it is until {@link #seek}
   * @throws UnreadableRecordException when the record at a partition's position is damaged
   * @throws org.apache.kafka.common.errors.WakeupException after {@link #wakeup}
   */
  List<ConsumerRecord<byte[], byte[]>> poll(Duration wait);

  /** Notes the offsets in the consumer group without waiting, for those who look at its lag. */
  void commit(Map<TopicPartition, Long> offsets);

  /** This member of the group, for offsets committed in a producer's transaction. */
  ConsumerGroupMetadata group();

  /** Ends the wait of {@link #poll}, or of the next one; from any thread. */
  void wakeup();

  @Override
  void close();
}
