package dev.tocsin.common.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then at which partitions there are for a kernel and where they end. Used by the
 * kernel's thread only.
 */
final class Outlook {
  private static final Logger log = LoggerFactory.getLogger(Outlook.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final Duration NEW_PARTITIONS_EVERY = Duration.ofMinutes(1);

  private final String name;
  private final PartitionChoice intake;
  private final Progress progress;
  private long lookedNanos;
  private long partitionsNanos;
  private long openedNanos;
  private boolean complete;

  /** Whether a rebalance has told which partitions are ours, if any. */
  private boolean assigned;

  Outlook(String name, PartitionChoice intake, Progress progress) {
    this.name = name;
    this.intake = intake;
    this.progress = progress;
  }

  /** Another source is used from now on. */
  void opened(long nowNanos) {
    openedNanos = nowNanos;
    lookedNanos = nowNanos - LOOK_EVERY.toNanos();
    complete = false;
    assigned = false;
  }

  void assigned() {
    assigned = true;
  }

  /** Whether the ends of all partitions have been seen since the source was opened. */
  boolean isComplete() {
    return complete;
  }

  /**
   * The partitions to read, where no group shares them.
   *
   * @throws UnknownTopicOrPartitionException when there is none yet
   */
  List<TopicPartition> partitions(RecordSource source, long nowNanos) {
    partitionsNanos = nowNanos;
    List<TopicPartition> wanted = new ArrayList<>();
    for (String topic : topics()) {
      source.partitions(topic).stream().filter(this::isWanted).forEach(wanted::add);
    }
    if (wanted.isEmpty()) {
      throw new UnknownTopicOrPartitionException("no partition of " + topics());
    }
    return wanted;
  }

  private Collection<String> topics() {
    if (intake instanceof PartitionChoice.Named named) {
      return named.partitions().stream().map(TopicPartition::topic).distinct().sorted().toList();
    }
    return intake instanceof PartitionChoice.All all
        ? all.topics()
        : ((PartitionChoice.Shared) intake).topics();
  }

  private boolean isWanted(TopicPartition partition) {
    return !(intake instanceof PartitionChoice.Named named)
        || named.partitions().contains(partition);
  }

  /**
   * Tells progress where partitions end.
   *
   * @return whether it is time to ask for new {@link #partitions}
   */
  boolean look(RecordSource source, Collection<TopicPartition> mine, long nowNanos) {
    if (mine.isEmpty()) {
      if (assigned || nowNanos - openedNanos > NEW_PARTITIONS_EVERY.toNanos()) {
        // Others have them all.
        progress.retain(mine);
        progress.ends(Map.of(), nowNanos);
        complete = true;
      }
      return false;
    }
    if (nowNanos - lookedNanos < LOOK_EVERY.toNanos()) {
      return false;
    }
    lookedNanos = nowNanos;
    progress.retain(mine);
    try {
      progress.ends(source.ends(mine), nowNanos);
    } catch (KafkaException e) {
      blind(e, nowNanos);
      return false;
    }
    complete = true;
    return !(intake instanceof PartitionChoice.Shared)
        && nowNanos - partitionsNanos > NEW_PARTITIONS_EVERY.toNanos();
  }

  /** Kafka does not answer. */
  void blind(KafkaException why, long nowNanos) {
    log.debug("{}: Kafka does not tell where partitions end: {}", name, why.getMessage());
    progress.blind(nowNanos);
  }
}
