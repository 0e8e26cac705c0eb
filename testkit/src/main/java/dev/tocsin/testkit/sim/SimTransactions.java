package dev.tocsin.testkit.sim;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Transactions;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Transactions of {@link SimKafka} that fail before, in the middle of, or after their commit. */
final class SimTransactions implements Transactions {
  private static final int NONE = -1;

  private final SimCoordinator coordinator;
  private final SimKafka kafka;
  private int epoch = NONE;

  SimTransactions(SimCoordinator coordinator, SimKafka kafka) {
    this.coordinator = coordinator;
    this.kafka = kafka;
  }

  @Override
  public void settle() {
    epoch = NONE;
    begin();
  }

  private void begin() {
    if (epoch == NONE) {
      kafka.answer("a new producer");
      epoch = coordinator.begin();
    }
  }

  @Override
  public int partitions(Topic topic) {
    kafka.answer("partitions");
    return kafka.partitions(topic.name()).size();
  }

  @Override
  public void commit(List<ProducerRecord<byte[], byte[]>> messages) {
    transact(messages, Map.of(), null);
  }

  @Override
  public void commit(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      ConsumerGroupMetadata group) {
    transact(messages, offsets, group);
  }

  private void transact(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      @Nullable ConsumerGroupMetadata member) {
    if (messages.isEmpty() && offsets.isEmpty()) {
      return;
    }
    try {
      begin();
      coordinator.require(epoch);
      decide(messages, offsets, member);
    } catch (KafkaException e) {
      epoch = NONE;
      kafka.scheduler().trace().add("transaction failed: " + e.getClass().getSimpleName());
      throw e;
    }
  }

  private void decide(
      List<ProducerRecord<byte[], byte[]>> messages,
      Map<TopicPartition, Long> offsets,
      @Nullable ConsumerGroupMetadata member) {
    SimScheduler chance = kafka.scheduler();
    boolean fails = kafka.faults().down() || chance.chance(kafka.faults().transactions());
    if (fails && (kafka.faults().down() || chance.chance(0.25))) {
      throw new TimeoutException("simulated: the transaction was not begun");
    }
    coordinator.write(messages);
    takeTime();
    if (member != null && !offsets.isEmpty()) {
      SimGroup group = kafka.group(member.groupId(), true);
      try {
        group.require(member);
      } catch (KafkaException e) {
        coordinator.abort();
        throw e;
      }
      coordinator.withOffsets(offsets, group);
      takeTime();
    }
    if (!fails) {
      coordinator.commit(false);
    } else if (chance.chance(0.3)) {
      coordinator.abort();
      throw new KafkaException("simulated: the transaction was aborted");
    } else {
      undecided();
    }
  }

  /** Meanwhile others may fence us off, or we may crash. */
  private void takeTime() {
    kafka.amidTransactions().run();
    coordinator.require(epoch);
  }

  private void undecided() {
    SimScheduler chance = kafka.scheduler();
    // Either the answer was lost or the request: then time decides.
    if (chance.chance(0.5)) {
      coordinator.commit(chance.chance(0.5));
    }
    throw new UndecidedException(new TimeoutException("simulated: no answer about the commit"));
  }

  @Override
  public void close() {
    epoch = NONE;
  }
}
