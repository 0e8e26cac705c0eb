package dev.tocsin.common.kafka;

import dev.tocsin.common.contract.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Transactions} by Kafka's transactional producer. The producer is opened by the first call
 * that needs it and closed by any failure; opening also ends what its predecessor left open. Two
 * holders of one transactional id take the producer from each other with every call: only one of
 * them can commit at a time.
 */
public final class KafkaTransactions implements Transactions {
  /** Long enough to abort what is open on a broker that answers. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final Map<String, Object> properties;
  private @Nullable Producer<byte[], byte[]> producer;

  private KafkaTransactions(Map<String, Object> properties) {
    this.properties = Map.copyOf(properties);
  }

  /**
   * Does not talk to Kafka yet.
   *
   * @param transactionalId the same over restarts, and different from that of all who are alive
   */
  public static Transactions create(KafkaSettings kafka, String transactionalId) {
    return create(kafka, transactionalId, Map.of());
  }

  /**
   * @param tuning Kafka's producer settings on top of those below
   */
  static Transactions create(KafkaSettings kafka, String transactionalId, Map<String, ?> tuning) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("transactional.id", transactionalId);
    // Readers of committed data wait for an open transaction: a killed process must not hold them
    // up for Kafka's default of a minute.
    properties.put("transaction.timeout.ms", "10000");
    properties.put("acks", "all");
    properties.put("compression.type", "lz4");
    properties.put("linger.ms", "0");
    properties.put("max.request.size", Long.toString(Topic.MESSAGE_BYTES_MAX));
    properties.put("delivery.timeout.ms", "10000");
    properties.put("request.timeout.ms", "5000");
    properties.put("max.block.ms", "10000");
    properties.putAll(tuning);
    return new KafkaTransactions(properties);
  }

  @Override
  public void settle() {
    try {
      var unused = opened();
    } catch (Throwable failure) {
      closeAfter(failure);
      throw failure;
    }
  }

  @Override
  public int partitions(Topic topic) {
    try {
      return opened().partitionsFor(topic.name()).size();
    } catch (Throwable failure) {
      closeAfter(failure);
      throw failure;
    }
  }

  @Override
  public void commit(List<ProducerRecord<byte[], byte[]>> messages) {
    run(messages, Map.of(), null);
  }

  @Override
  public void commit(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      ConsumerGroupMetadata group) {
    run(messages, offsets, group);
  }

  private void run(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      @Nullable ConsumerGroupMetadata group) {
    if (messages.isEmpty() && offsets.isEmpty()) {
      return;
    }
    try {
      Producer<byte[], byte[]> open = opened();
      open.beginTransaction();
      sendAll(open, messages);
      if (group != null && !offsets.isEmpty()) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        offsets.forEach(
            (partition, offset) -> positions.put(partition, new OffsetAndMetadata(offset)));
        open.sendOffsetsToTransaction(positions, group);
      }
      decide(open);
    } catch (Throwable failure) {
      closeAfter(failure);
      throw failure;
    }
  }

  /**
   * Waits until Kafka has all records. The commit would wait as well, but its time-out could not be
   * told from one of a record: here everything that fails is certainly not committed.
   */
  private static void sendAll(
      Producer<byte[], byte[]> open, List<ProducerRecord<byte[], byte[]>> messages) {
    AtomicReference<KafkaException> refused = new AtomicReference<>();
    for (ProducerRecord<byte[], byte[]> message : messages) {
      var unused =
          open.send(
              message,
              (metadata, failure) -> {
                if (failure != null) {
                  refused.compareAndSet(null, refusal(message, failure));
                }
              });
      if (refused.get() != null) {
        break;
      }
    }
    open.flush();
    KafkaException first = refused.get();
    if (first != null) {
      throw first;
    }
  }

  private static KafkaException refusal(ProducerRecord<byte[], byte[]> message, Exception failure) {
    int bytes = message.value() == null ? 0 : message.value().length;
    return new KafkaException(
        "record of %d bytes for %s: %s".formatted(bytes, message.topic(), failure.getMessage()),
        failure);
  }

  /**
   * Whatever fails from here on may have been preceded by a commit whose answer was lost: a
   * time-out is one such failure; that a successor has fenced us off in between is another.
   */
  private static void decide(Producer<byte[], byte[]> open) {
    try {
      open.commitTransaction();
    } catch (RuntimeException failure) {
      throw new UndecidedException(failure);
    }
  }

  private Producer<byte[], byte[]> opened() {
    Producer<byte[], byte[]> open = producer;
    if (open == null) {
      var serializer = new ByteArraySerializer();
      open = new KafkaProducer<>(properties, serializer, serializer);
      producer = open;
      open.initTransactions();
    }
    return open;
  }

  /** What goes wrong while closing must not hide why. */
  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  @Override
  public void close() {
    Producer<byte[], byte[]> open = producer;
    producer = null;
    if (open != null) {
      open.close(CLOSE_TIMEOUT);
    }
  }
}
