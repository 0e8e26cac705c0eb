package dev.tocsin.common.kafka;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** Which partitions a {@link RecordKernel} reads. */
public sealed interface Intake {
  /** What the consumer group assigns of these topics. */
  static Intake shared(Collection<String> topics) {
    return new Shared(List.copyOf(topics));
  }

  /** All partitions of these topics, whoever else reads them. */
  static Intake all(Collection<String> topics) {
    return new All(List.copyOf(topics));
  }

  /** These partitions, as far as they exist. */
  static Intake named(Set<TopicPartition> partitions) {
    return new Named(Set.copyOf(partitions));
  }

  /** See {@link #shared}. */
  record Shared(List<String> topics) implements Intake {}

  /** See {@link #all}. */
  record All(List<String> topics) implements Intake {}

  /** See {@link #named}. */
  record Named(Set<TopicPartition> partitions) implements Intake {}
}
