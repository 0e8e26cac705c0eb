package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.common.contract.DeadLetterHeaders;
import dev.tocsin.common.contract.Topic;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Puts records that cannot be used aside, as they came, with where they came from and why. What the
 * broker would not take is cut, and says so: a letter that cannot be written would stop everything.
 */
public final class DeadLetters implements Aside {
  private static final int DETAIL_CHARS_MAX = 2_000;

  /** Bound of the key and of all headers that came with the record. */
  private static final int SIDE_BYTES_MAX = 256 << 10;

  /** Room for framing and our own headers. */
  private static final int OWN_BYTES = 16 << 10;

  private static final int VALUE_BYTES_MAX =
      (int) Topic.MESSAGE_BYTES_MAX - 2 * SIDE_BYTES_MAX - OWN_BYTES;

  private final String consumer;
  private final RecordProducer producer;
  private final MeterRegistry metrics;

  /**
   * @param consumer who puts aside, as letters name it: the same for ever, as replays go by it
   */
  public DeadLetters(String consumer, RecordProducer producer, MeterRegistry metrics) {
    this.consumer = consumer;
    this.producer = producer;
    this.metrics = metrics;
  }

  @Override
  public boolean isForOthers(ConsumerRecord<byte[], byte[]> message) {
    Header replay = message.headers().lastHeader(DeadLetterHeaders.REPLAY_FOR);
    return replay != null && !Arrays.equals(replay.value(), consumer.getBytes(UTF_8));
  }

  @Override
  public Future<Void> put(ConsumerRecord<byte[], byte[]> message, String reason, String detail) {
    return send(message, reason, detail, VALUE_BYTES_MAX)
        .onSuccess(ignored -> count(metrics, message.topic(), reason));
  }

  /** Tries with less and less of the value, in case the broker takes less than we think. */
  private Future<Void> send(
      ConsumerRecord<byte[], byte[]> message, String reason, String detail, int valueBytesMax) {
    return producer
        .send(letter(consumer, message, reason, detail, valueBytesMax))
        .<Void>mapEmpty()
        .recover(
            failure ->
                failure instanceof RecordTooLargeException && valueBytesMax > 0
                    ? send(message, reason, detail, smaller(message, valueBytesMax))
                    : Future.failedFuture(failure));
  }

  private static int smaller(ConsumerRecord<byte[], byte[]> message, int valueBytesMax) {
    byte[] value = message.value();
    return value == null ? 0 : Math.min(value.length, valueBytesMax) / 4;
  }

  static ProducerRecord<byte[], byte[]> letter(
      String consumer,
      ConsumerRecord<byte[], byte[]> message,
      String reason,
      String detail,
      int valueBytesMax) {
    byte[] value = message.value();
    var letter =
        new ProducerRecord<>(
            Topic.DEAD_LETTER.name(),
            cut(message.key(), SIDE_BYTES_MAX),
            cut(value, valueBytesMax));
    int headerBytes = 0;
    for (Header header : message.headers()) {
      headerBytes +=
          header.key().length() * 3 + (header.value() == null ? 0 : header.value().length);
      if (headerBytes <= SIDE_BYTES_MAX) {
        letter.headers().add(header);
      }
    }
    String shortDetail =
        detail.length() > DETAIL_CHARS_MAX ? detail.substring(0, DETAIL_CHARS_MAX) + "…" : detail;
    letter.headers().add(DeadLetterHeaders.TOPIC, message.topic().getBytes(UTF_8));
    letter.headers().add(DeadLetterHeaders.PARTITION, text(message.partition()));
    letter.headers().add(DeadLetterHeaders.OFFSET, text(message.offset()));
    letter.headers().add(DeadLetterHeaders.CONSUMER, consumer.getBytes(UTF_8));
    letter.headers().add(DeadLetterHeaders.REASON, (reason + ": " + shortDetail).getBytes(UTF_8));
    boolean keyCut = message.key() != null && message.key().length > SIDE_BYTES_MAX;
    boolean valueCut = value != null && value.length > valueBytesMax;
    if (keyCut || valueCut || headerBytes > SIDE_BYTES_MAX) {
      letter.headers().add(DeadLetterHeaders.CUT, text(value == null ? 0 : value.length));
    }
    return letter;
  }

  private static byte @Nullable [] cut(byte @Nullable [] bytes, int bytesMax) {
    return bytes == null || bytes.length <= bytesMax ? bytes : Arrays.copyOf(bytes, bytesMax);
  }

  /** Counts a letter that Kafka has. */
  public static void count(MeterRegistry metrics, String topic, String reason) {
    metrics.counter("tocsin.dead.letters", "topic", topic, "reason", reason).increment();
  }

  private static byte[] text(long number) {
    return Long.toString(number).getBytes(UTF_8);
  }
}
