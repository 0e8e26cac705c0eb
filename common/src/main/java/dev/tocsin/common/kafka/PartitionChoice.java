package dev.tocsin.common.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Which partitions a {@link RecordKernel} reads. */
public sealed interface PartitionChoice {
  /** What the consumer group assigns of these topics. */
  static PartitionChoice shared(Collection<String> topics) {
    return new Shared(List.copyOf(topics));
  }

  /** All partitions of these topics, whoever else reads them. */
  static PartitionChoice all(Collection<String> topics) {
    return new All(List.copyOf(topics));
  }

  /** These partitions, as far as they exist. */
  static PartitionChoice named(Set<TopicPartition> partitions) {
    return new Named(Set.copyOf(partitions));
  }

  /** See {@link #shared}. */
  record Shared(List<String> topics) implements PartitionChoice {}

  /** See {@link #all}. */
  record All(List<String> topics) implements PartitionChoice {}

  /** See {@link #named}. */
  record Named(Set<TopicPartition> partitions) implements PartitionChoice {}
}
