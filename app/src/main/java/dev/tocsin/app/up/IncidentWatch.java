package dev.tocsin.app.up;

import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.IncidentEvent;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.PollLoop;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of every transition of an incident from now on; belongs to no consumer group. */
final class IncidentWatch implements PollLoop.Work {
  private static final Logger log = LoggerFactory.getLogger(IncidentWatch.class);
  private static final Duration POLL = Duration.ofSeconds(5);

  private final Consumer<IncidentEvent> listener;

  IncidentWatch(Consumer<IncidentEvent> listener) {
    this.listener = listener;
  }

  @Override
  public void open(org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(Topic.INCIDENTS.name()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  @Override
  public void turn(org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer) {
    for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
      try {
        listener.accept(IncidentEvent.decode(message.value()));
      } catch (ContractException e) {
        log.info("{} at {}: {}", message.topic(), message.offset(), e.getMessage());
      }
    }
  }
}
