package dev.tocsin.alert.rules.follow;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * As which member of the consumer group that shares the rule groups this process speaks.
 *
 * @param positions in the partitions that are owned; empty when none is
 * @param member null outside the group
 */
public record Membership(
    Map<TopicPartition, Long> positions, @Nullable ConsumerGroupMetadata member) {
  public static final String GROUP = "tocsin-alert-rules";

  /** Of nobody who owns anything. */
  public static final Membership NONE = new Membership(Map.of(), null);
}
