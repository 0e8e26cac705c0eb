package dev.tocsin.app.up;

import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells of every transition of an incident from now on; belongs to no consumer group. Used again
 * after a failure, it goes on where it was.
 */
final class IncidentWatch implements Work {
  private static final Duration POLL = Duration.ofSeconds(5);

  private final Consumer<IncidentEvent> listener;
  private final Map<TopicPartition, Long> next = new HashMap<>();

  IncidentWatch(Consumer<IncidentEvent> listener) {
    this.listener = listener;
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) {
    long offset = next.getOrDefault(partition, extent.end());
    boolean there = offset >= extent.beginning() && offset <= extent.end();
    next.put(partition, there ? offset : extent.end());
    return there ? offset : extent.end();
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    skip(message);
    if (message.value() == null) {
      return Verdict.TAKEN;
    }
    try {
      listener.accept(IncidentEvent.decode(message.value()));
      return Verdict.TAKEN;
    } catch (ContractException e) {
      return Verdict.putAside("malformed", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    next.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
  }

  @Override
  public void flush(Turn turn) {
    next.forEach(turn::durable);
  }

  @Override
  public Duration pollWait() {
    return POLL;
  }
}
