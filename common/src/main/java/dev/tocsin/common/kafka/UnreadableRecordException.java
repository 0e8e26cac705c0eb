package dev.tocsin.common.kafka;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The log is damaged at this place: its record cannot be read, however often it is asked for. */
public final class UnreadableRecordException extends KafkaException {
  private static final long serialVersionUID = 1L;

  private final transient TopicPartition partition;
  private final long offset;

  public UnreadableRecordException(TopicPartition partition, long offset, Throwable cause) {
    super(partition + "@" + offset + " cannot be read: " + cause.getMessage(), cause);
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
