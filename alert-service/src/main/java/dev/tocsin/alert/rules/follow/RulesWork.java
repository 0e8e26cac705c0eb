package dev.tocsin.alert.rules.follow;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.common.contract.ContractException;
import dev.tocsin.common.contract.RuleGroupRecord;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the rules topic in a consumer group: the partitions Kafka assigns decide which groups
 * this instance owns. Each is read from the beginning and then followed, wherever the committed
 * offsets are: those only prove the membership.
 */
public final class RulesWork implements Work {
  private static final Logger log = LoggerFactory.getLogger(RulesWork.class);

  /** For so long a taking over waits for the evaluation to finish what it is doing. */
  private static final long LET_GO_MS = 8_000;

  private final Ownership ownership;
  private final Consumer<Membership> membership;

  /** Where partitions ended when they were assigned, until they have been read that far. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  /** Offset behind the last record of a partition that has been passed on. */
  private final Map<TopicPartition, Long> next = new HashMap<>();

  private @Nullable RecordSource source;
  private boolean waitedInVain;

  /**
   * @param membership is told as whom this process may speak
   */
  public RulesWork(Ownership ownership, Consumer<Membership> membership) {
    this.ownership = ownership;
    this.membership = membership;
  }

  @Override
  public void open(RecordSource opened) {
    source = opened;
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) {
    Long known = next.get(partition);
    if (known != null && known >= extent.beginning() && known <= extent.end()) {
      return known;
    }
    ends.put(partition, extent.end());
    next.put(partition, extent.beginning());
    ownership.assigned(List.of(partition.partition()));
    log.info("rule partition {} taken over", partition.partition());
    return extent.beginning();
  }

  @Override
  public void end(TopicPartition partition) {
    ends.remove(partition);
    if (next.remove(partition) == null) {
      return;
    }
    // Whoever has waited for a hanging evaluation once need not do so for each partition.
    long waitMs = waitedInVain ? 0 : LET_GO_MS;
    try {
      boolean letGo = ownership.revoked(List.of(partition.partition()), waitMs);
      waitedInVain = !letGo;
      log.info(
          "rule partition {} given up{}",
          partition.partition(),
          letGo ? "" : ", while an evaluation was still running");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    skip(message);
    if (message.key() == null) {
      return Verdict.putAside("malformed", "a rule group without a key");
    }
    String key = new String(message.key(), UTF_8);
    if (message.value() == null) {
      ownership.group(message.partition(), key, Optional.empty());
      return Verdict.TAKEN;
    }
    try {
      RuleGroupRecord definition = RuleGroupRecord.decode(message.value());
      ownership.group(message.partition(), key, Optional.of(definition));
      return Verdict.TAKEN;
    } catch (ContractException e) {
      return Verdict.putAside(
          "malformed", "rule group " + key + " is left as it was: " + e.getMessage());
    }
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    next.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
  }

  @Override
  public void flush(Turn turn) {
    waitedInVain = false;
    next.forEach(turn::durable);
    ends.entrySet()
        .removeIf(
            end -> {
              boolean reached = turn.position(end.getKey()) >= end.getValue();
              if (reached) {
                ownership.caughtUp(end.getKey().partition());
              }
              return reached;
            });
    if (source != null) {
      membership.accept(new Membership(Map.copyOf(next), source.group()));
    }
  }

  /** Whoever comes next begins anew, so nothing may be owned in between. */
  @Override
  public void close() {
    List.copyOf(next.keySet()).forEach(this::end);
    membership.accept(Membership.NONE);
  }
}
