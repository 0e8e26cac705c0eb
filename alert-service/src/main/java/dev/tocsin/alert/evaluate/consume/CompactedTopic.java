package dev.tocsin.alert.evaluate.consume;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a whole topic once. */
public final class CompactedTopic {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private CompactedTopic() {}

  /**
   * Passes every committed record with a key, in the order of each partition, up to where the topic
   * ends now. Blocks, 30 s at most.
   *
   * @throws org.apache.kafka.common.KafkaException when Kafka does not answer
   */
  public static void read(
      KafkaSettings kafka,
      Topic topic,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", "false");
    properties.put("default.api.timeout.ms", "10000");
    properties.put("fetch.max.wait.ms", "50");
    var deserializer = new ByteArrayDeserializer();
    long giveUp = System.nanoTime() + DEADLINE.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, deserializer, deserializer)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      while (true) {
        ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
        if (ends.isEmpty()) {
          return;
        }
        if (System.nanoTime() > giveUp) {
          throw new TimeoutException(topic.name() + ": not read to its end in " + DEADLINE);
        }
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          if (message.key() != null) {
            each.accept(message);
          }
        }
      }
    }
  }
}
