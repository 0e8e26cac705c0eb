package dev.tocsin.alert.rules.follow;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.KafkaSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a whole topic once, in pieces if wanted: every committed record with a key, in the order of
 * each partition, up to where the topic ended when the reading began. The end counts what is not
 * committed yet, and the reading waits until that is decided: what somebody has published before is
 * not missed because somebody else's transaction is still open.
 *
 * <p>However long that takes, it goes on as long as it gets on.
 */
public final class CompactedReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  /** Longer than Kafka lets a transaction stand open whose producer is dead. */
  private static final Duration STALLED_AFTER = Duration.ofSeconds(45);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  private final Topic topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> ends;
  private long movedNanos = System.nanoTime();

  private CompactedReader(
      Topic topic, Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    this.topic = topic;
    this.consumer = consumer;
    this.ends = ends;
  }

  /**
   * Reads all of it; blocks.
   *
   * @throws KafkaException when Kafka does not answer, or does not get on
   */
  public static void readAll(
      KafkaSettings kafka,
      Topic topic,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
    try (CompactedReader reader = open(kafka, topic)) {
      boolean whole = false;
      while (!whole) {
        whole = reader.advance(STALLED_AFTER, each);
      }
    }
  }

  static CompactedReader open(KafkaSettings kafka, Topic topic) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("isolation.level", "read_committed");
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("allow.auto.create.topics", "false");
    properties.put("default.api.timeout.ms", "10000");
    properties.put("fetch.max.wait.ms", "50");
    var deserializer = new ByteArrayDeserializer();
    Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, deserializer, deserializer);
    try {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      return new CompactedReader(topic, consumer, ends(kafka, partitions));
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  private static Map<TopicPartition, Long> ends(
      KafkaSettings kafka, List<TopicPartition> partitions) {
    Map<String, Object> properties = new HashMap<>(kafka.clientProperties());
    properties.put("default.api.timeout.ms", "10000");
    properties.put("request.timeout.ms", "5000");
    Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
    partitions.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
    Map<TopicPartition, Long> ends = new HashMap<>();
    try (Admin admin = Admin.create(properties)) {
      admin
          .listOffsets(wanted, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
          .all()
          .get()
          .forEach((partition, found) -> ends.put(partition, found.offset()));
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
    }
    return ends;
  }

  /**
   * Reads on for about so long, or to the end.
   *
   * @return whether all is read
   * @throws TimeoutException when there has been no progress for 45 s
   */
  boolean advance(
      Duration atMost, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      if (ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue())) {
        movedNanos = System.nanoTime();
      }
      if (ends.isEmpty()) {
        return true;
      }
      long nowNanos = System.nanoTime();
      if (nowNanos - movedNanos > STALLED_AFTER.toNanos()) {
        throw new TimeoutException(
            topic.name() + " stands at " + places() + " for " + STALLED_AFTER.toSeconds() + " s");
      }
      if (nowNanos >= until) {
        return false;
      }
      for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
        movedNanos = System.nanoTime();
        if (message.key() != null) {
          each.accept(message);
        }
      }
    }
  }

  private List<String> places() {
    List<String> places = new ArrayList<>();
    ends.forEach(
        (partition, end) ->
            places.add(
                "offset "
                    + consumer.position(partition)
                    + " of "
                    + end
                    + " in partition "
                    + partition.partition()));
    return places;
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(CLOSE_TIMEOUT));
  }
}
