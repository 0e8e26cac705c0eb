package dev.tocsin.app.db;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.DeadLetterHeaders;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A dead letter.
 *
 * @param topic the record came from
 * @param partition it came from
 * @param reason the word before the detail
 */
record Letter(String topic, int partition, String reason, ConsumerRecord<byte[], byte[]> message) {
  private static final Set<String> OURS =
      Set.of(
          DeadLetterHeaders.TOPIC,
          DeadLetterHeaders.PARTITION,
          DeadLetterHeaders.OFFSET,
          DeadLetterHeaders.REASON,
          DeadLetterHeaders.CONSUMER,
          DeadLetterHeaders.REPLAY_FOR);

  /** The letter in a message; empty when its headers do not say where it came from. */
  static Optional<Letter> of(ConsumerRecord<byte[], byte[]> message) {
    String topic = header(message, DeadLetterHeaders.TOPIC);
    String partition = header(message, DeadLetterHeaders.PARTITION);
    if (topic.isEmpty() || !partition.matches("\\d{1,9}")) {
      return Optional.empty();
    }
    String reason = header(message, DeadLetterHeaders.REASON);
    int colon = reason.indexOf(':');
    return Optional.of(
        new Letter(
            topic,
            Integer.parseInt(partition),
            colon < 0 ? reason : reason.substring(0, colon),
            message));
  }

  private static String header(ConsumerRecord<byte[], byte[]> message, String name) {
    Header header = message.headers().lastHeader(name);
    return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
  }

  /** Whether the record was too large for a letter, so that only its beginning is here. */
  boolean isCut() {
    return message.headers().lastHeader(DeadLetterHeaders.CUT) != null;
  }

  /** Whether its consumer stored part of the record, and would store that again. */
  boolean isPartlyStored() {
    return message.headers().lastHeader(DeadLetterHeaders.PARTLY_STORED) != null;
  }

  /** The record as it was, for the partition it came from and for who put it aside. */
  ProducerRecord<byte[], byte[]> original() {
    ProducerRecord<byte[], byte[]> original =
        new ProducerRecord<>(topic, partition, message.timestamp(), message.key(), message.value());
    for (Header header : message.headers()) {
      if (!OURS.contains(header.key())) {
        original.headers().add(header);
      }
    }
    Header consumer = message.headers().lastHeader(DeadLetterHeaders.CONSUMER);
    if (consumer != null) {
      original.headers().add(DeadLetterHeaders.REPLAY_FOR, consumer.value());
    }
    return original;
  }
}
