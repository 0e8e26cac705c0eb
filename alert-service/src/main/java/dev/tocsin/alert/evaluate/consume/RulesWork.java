package dev.tocsin.alert.evaluate.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.evaluate.Ownership;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.PollLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the rules topic in a consumer group: the partitions Kafka assigns decide which groups
 * this instance owns. Each is read from the beginning and then followed; no offset is committed.
 */
final class RulesWork implements PollLoop.Work {
  private static final Logger log = LoggerFactory.getLogger(RulesWork.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long LET_GO_MS = 8_000;

  private final Ownership ownership;

  /** Where partitions ended when they were assigned, until they have been read that far. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  RulesWork(Ownership ownership) {
    this.ownership = ownership;
  }

  @Override
  public void open(Consumer<byte[], byte[]> consumer) {
    consumer.subscribe(
        List.of(Topic.RULES.name()),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            assigned(consumer, partitions);
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked(partitions);
          }
        });
  }

  private void assigned(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    consumer.seekToBeginning(partitions);
    ends.putAll(consumer.endOffsets(partitions));
    ownership.assigned(numbers(partitions));
    log.info("rule partitions taken over: {}", numbers(partitions));
  }

  private void revoked(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    ends.keySet().removeAll(partitions);
    try {
      boolean letGo = ownership.revoked(numbers(partitions), LET_GO_MS);
      log.info(
          "rule partitions given up: {}{}",
          numbers(partitions),
          letGo ? "" : ", while an evaluation was still running");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void turn(Consumer<byte[], byte[]> consumer) {
    for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
      take(message);
    }
    ends.entrySet()
        .removeIf(
            end -> {
              boolean reached = consumer.position(end.getKey()) >= end.getValue();
              if (reached) {
                ownership.caughtUp(end.getKey().partition());
              }
              return reached;
            });
  }

  private void take(ConsumerRecord<byte[], byte[]> message) {
    if (message.key() == null) {
      return;
    }
    String key = new String(message.key(), UTF_8);
    if (message.value() == null) {
      ownership.group(message.partition(), key, Optional.empty());
      return;
    }
    try {
      RuleGroupRecord definition = RuleGroupRecord.decode(message.value());
      ownership.group(message.partition(), key, Optional.of(definition));
    } catch (ContractException e) {
      log.warn("rule group {} in {} is left as it was: {}", key, message.topic(), e.getMessage());
    }
  }

  private static List<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::partition).sorted().toList();
  }

  /** Whoever comes next begins anew, so nothing may be owned in between. */
  @Override
  public void close(Consumer<byte[], byte[]> consumer) {
    revoked(consumer.assignment());
  }
}
