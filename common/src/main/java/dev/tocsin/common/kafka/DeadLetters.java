package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Puts records that cannot be read aside, as they came, with where they came from and why. */
public final class DeadLetters {
  private final RecordProducer producer;
  private final MeterRegistry metrics;

  public DeadLetters(RecordProducer producer, MeterRegistry metrics) {
    this.producer = producer;
    this.metrics = metrics;
  }

  /**
   * Completes when Kafka has the letter; only then may the consumer go past the record.
   *
   * @param reason one word for the metric, such as {@code malformed}
   * @param detail a sentence for people
   */
  public Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    return producer
        .send(letter(message, reason, detail))
        .onSuccess(ignored -> count(metrics, message.topic(), reason))
        .mapEmpty();
  }

  /** The letter itself, for those who send it within a transaction of their own. */
  public static ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    var letter = new ProducerRecord<>(Topic.DEAD_LETTER.name(), message.key(), message.value());
    message.headers().forEach(letter.headers()::add);
    letter.headers().add(DeadLetterHeaders.TOPIC, message.topic().getBytes(UTF_8));
    letter.headers().add(DeadLetterHeaders.PARTITION, text(message.partition()));
    letter.headers().add(DeadLetterHeaders.OFFSET, text(message.offset()));
    letter.headers().add(DeadLetterHeaders.REASON, (reason + ": " + detail).getBytes(UTF_8));
    return letter;
  }

  /** Counts a letter that Kafka has. */
  public static void count(MeterRegistry metrics, String topic, String reason) {
    metrics.counter("tocsin.dead.letters", "topic", topic, "reason", reason).increment();
  }

  private static byte[] text(long number) {
    return Long.toString(number).getBytes(UTF_8);
  }
}
