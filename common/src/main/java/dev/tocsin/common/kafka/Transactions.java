package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.Topic;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Writes several records, and the offsets of those they were made from, so that all become visible
 * or none. Used by one thread. After any failure, of whatever kind, the next call begins with a
 * producer of its own: no failure leaves it unusable.
 */
public interface Transactions extends AutoCloseable {

  /**
   * Ends what an earlier holder of the same id, or a failed call, has left undecided: when this
   * returns, each earlier transaction is visible or never will be. Blocks.
   */
  void settle();

  /** How many partitions a topic has. Blocks. */
  int partitions(Topic topic);

  /**
   * Blocks until all are committed.
   *
   * @throws UndecidedException when they may or may not be: ask after {@link #settle}
   * @throws org.apache.kafka.common.KafkaException when certainly none is
   */
  void commit(List<ProducerRecord<byte[], byte[]>> messages);

  /** The same with offsets that move in the same transaction. */
  void commit(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      ConsumerGroupMetadata group);

  @Override
  void close();

  /** The commit was asked for, but its answer did not come. */
  final class UndecidedException extends org.apache.kafka.common.KafkaException {
    private static final long serialVersionUID = 1L;

    public UndecidedException(Throwable cause) {
      super("a transaction may or may not be committed: " + cause.getMessage(), cause);
    }
  }
}
