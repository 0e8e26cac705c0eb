package dev.tocsin.alert.derive;

import dev.tocsin.alert.derive.DeriveRecords.Temper;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Transactions;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;

/** Transactions that some records keep from being committed. */
record PickyTransactions(Transactions to) implements Transactions {
  @Override
  public void settle() {
    to.settle();
  }

  @Override
  public int partitions(Topic topic) {
    return to.partitions(topic);
  }

  @Override
  public void commit(List<ProducerRecord<byte[], byte[]>> messages) {
    check(messages);
    to.commit(messages);
  }

  @Override
  public void commit(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      ConsumerGroupMetadata group) {
    check(messages);
    to.commit(messages, offsets, group);
  }

  private void check(List<ProducerRecord<byte[], byte[]>> messages) {
    for (ProducerRecord<byte[], byte[]> message : messages) {
      if (DeriveRecords.has(message.value(), Temper.REFUSED)) {
        to.settle();
        throw new KafkaException("refused", new RecordTooLargeException("simulated: too large"));
      }
      if (DeriveRecords.has(message.value(), Temper.CHOKING)) {
        to.settle();
        throw new TimeoutException("simulated: no answer because of a record");
      }
    }
  }

  @Override
  public void close() {
    to.close();
  }
}
