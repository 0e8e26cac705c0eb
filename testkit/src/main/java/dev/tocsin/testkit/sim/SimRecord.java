package dev.tocsin.testkit.sim;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * A record in {@link SimKafka}.
 *
 * @param sequence tells it from every other record of the simulation, even at the same offset
 * @param timestampMs by the wall clock
 * @param writtenNanos by {@link SimScheduler#nanoTime}
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SimRecord(
    long sequence,
    TopicPartition partition,
    long offset,
    long timestampMs,
    long writtenNanos,
    byte @Nullable [] key,
    byte @Nullable [] value,
    List<Header> headers) {
  private static final String SEQUENCE = "simulated-sequence";

  public SimRecord {
    headers = List.copyOf(headers);
  }

  static SimRecord of(
      long sequence,
      TopicPartition partition,
      long offset,
      SimScheduler clock,
      ProducerRecord<byte[], byte[]> message) {
    return new SimRecord(
        sequence,
        partition,
        offset,
        clock.millis(),
        clock.nanoTime(),
        message.key(),
        message.value(),
        List.of(message.headers().toArray()));
  }

  ConsumerRecord<byte[], byte[]> toConsumerRecord() {
    byte[] someKey = key;
    byte[] someValue = value;
    RecordHeaders all = new RecordHeaders(headers);
    all.add(SEQUENCE, ByteBuffer.allocate(Long.BYTES).putLong(sequence).array());
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        timestampMs,
        TimestampType.CREATE_TIME,
        someKey == null ? ConsumerRecord.NULL_SIZE : someKey.length,
        someValue == null ? ConsumerRecord.NULL_SIZE : someValue.length,
        someKey,
        someValue,
        all,
        Optional.empty());
  }

  /** The sequence of a record that a {@link SimSource} has given. */
  public static long sequenceOf(ConsumerRecord<byte[], byte[]> message) {
    return ByteBuffer.wrap(message.headers().lastHeader(SEQUENCE).value()).getLong();
  }

  /** Whether a {@link SimSource} has given the record. */
  static boolean isGiven(ConsumerRecord<byte[], byte[]> message) {
    return message.headers().lastHeader(SEQUENCE) != null;
  }

  /** {@code topic-partition@offset}. */
  public String place() {
    return partition + "@" + offset;
  }
}
