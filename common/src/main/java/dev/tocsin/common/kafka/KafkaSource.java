package dev.tocsin.common.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** A native Kafka consumer that reads committed records and never commits or resets by itself. */
final class KafkaSource implements RecordSource {
  private static final Duration ASK = Duration.ofSeconds(10);

  /**
   * For leaving the group, which takes milliseconds when Kafka answers. When it does not, whoever
   * closes wants to try again or to stop; Kafka's default is 30 s.
   */
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /**
   * How the consumer says that it cannot read the record at a position; it has no type for that.
   */
  private static final List<String> DAMAGED =
      List.of("Received exception when fetching the next record", "Encountered corrupt message");

  /** Beyond, a poll ends with the record that passes it. */
  private static final long POLL_BYTES_MAX = 8 << 20;

  private static final int POLL_RECORDS_MAX = 500;

  private final Map<String, Object> clientProperties;
  private final Consumer<byte[], byte[]> consumer;
  private final int pollRecordsMax;

  /** What the poll under way has brought so far. */
  private final List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();

  private @Nullable Admin admin;

  /**
   * @param tuning Kafka's consumer settings on top of read_committed and no automatic commit or
   *     reset; {@code max.poll.records} bounds what {@link #poll} returns
   */
  KafkaSource(KafkaSettings settings, Map<String, ?> tuning) {
    this.clientProperties = settings.clientProperties();
    Map<String, Object> all = new HashMap<>(clientProperties);
    all.put("isolation.level", "read_committed");
    // Data ends the wait at once; an idle consumer should ask seldom.
    all.put("fetch.max.wait.ms", "1000");
    all.put("max.partition.fetch.bytes", "8388608");
    all.put("default.api.timeout.ms", Long.toString(ASK.toMillis()));
    all.put("allow.auto.create.topics", "false");
    all.putAll(tuning);
    this.pollRecordsMax =
        Integer.parseInt(String.valueOf(all.getOrDefault("max.poll.records", POLL_RECORDS_MAX)));
    // Kafka bounds what it returns at once by number and by compressed bytes, and megabytes of
    // nothing compress to kilobytes: each record is asked for by itself, until they are enough.
    all.put("max.poll.records", "1");
    all.put("enable.auto.commit", "false");
    // Where to go on when an offset is gone is the work's decision, and is told to people.
    all.put("auto.offset.reset", "none");
    var deserializer = new ByteArrayDeserializer();
    this.consumer = new KafkaConsumer<>(all, deserializer, deserializer);
  }

  @Override
  public void join(Collection<String> topics, Membership membership) {
    consumer.subscribe(
        topics,
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            // Paused at a place that needs no committed offset, until it is sought.
            consumer.pause(partitions);
            partitions.forEach(partition -> consumer.seek(partition, 0));
            membership.assigned(partitions);
          }

          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            polled.removeIf(record -> partitions.contains(partitionOf(record)));
            membership.revoked(partitions);
          }
        });
  }

  @Override
  public void assign(Collection<TopicPartition> partitions) {
    List<TopicPartition> added = new ArrayList<>(partitions);
    added.removeAll(consumer.assignment());
    consumer.assign(partitions);
    consumer.pause(added);
    added.forEach(partition -> consumer.seek(partition, 0));
  }

  @Override
  public Collection<TopicPartition> assignment() {
    return consumer.assignment();
  }

  @Override
  public List<TopicPartition> partitions(String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  @Override
  public Extent extent(TopicPartition partition) {
    Set<TopicPartition> one = Set.of(partition);
    long beginning = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(one).getOrDefault(partition, beginning);
    return new Extent(beginning, end, topicId(partition.topic()));
  }

  private Uuid topicId(String topic) {
    Admin open = admin;
    if (open == null) {
      Map<String, Object> properties = new HashMap<>(clientProperties);
      properties.put("default.api.timeout.ms", Long.toString(ASK.toMillis()));
      properties.put("request.timeout.ms", "5000");
      open = Admin.create(properties);
      admin = open;
    }
    try {
      TopicDescription found = open.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
      return found == null ? Uuid.ZERO_UUID : found.topicId();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e);
    }
  }

  @Override
  public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    return consumer.endOffsets(partitions, Duration.ofSeconds(5));
  }

  @Override
  public OptionalLong offsetAt(TopicPartition partition, long timeMs) {
    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, timeMs)).get(partition);
    return found == null ? OptionalLong.empty() : OptionalLong.of(found.offset());
  }

  @Override
  public OptionalLong committed(TopicPartition partition) {
    OffsetAndMetadata found = consumer.committed(Set.of(partition)).get(partition);
    return found == null ? OptionalLong.empty() : OptionalLong.of(found.offset());
  }

  @Override
  public void seek(TopicPartition partition, long offset) {
    consumer.seek(partition, offset);
    consumer.resume(Set.of(partition));
  }

  @Override
  public long position(TopicPartition partition) {
    return consumer.position(partition);
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> poll(Duration wait) {
    polled.clear();
    try {
      long bytes = 0;
      Duration left = wait;
      while (polled.size() < pollRecordsMax && bytes < POLL_BYTES_MAX) {
        ConsumerRecords<byte[], byte[]> next = consumer.poll(left);
        if (next.isEmpty()) {
          break;
        }
        for (ConsumerRecord<byte[], byte[]> record : next) {
          polled.add(record);
          bytes += Math.max(0, record.serializedValueSize());
        }
        left = Duration.ZERO;
      }
    } catch (KafkaException e) {
      // What came before it is not to be lost; the next poll fails likewise.
      if (polled.isEmpty() || e instanceof InterruptException) {
        throw damaged(e);
      }
    }
    return List.copyOf(polled);
  }

  private static TopicPartition partitionOf(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private KafkaException damaged(KafkaException failure) {
    String message = String.valueOf(failure.getMessage());
    if (DAMAGED.stream().anyMatch(message::startsWith)) {
      for (TopicPartition partition : consumer.assignment()) {
        if (message.matches(".*\\b" + Pattern.quote(partition.toString()) + "\\b.*")) {
          return new UnreadableRecordException(partition, consumer.position(partition), failure);
        }
      }
    }
    return failure;
  }

  @Override
  public void commit(Map<TopicPartition, Long> offsets) {
    Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
    offsets.forEach((partition, offset) -> all.put(partition, new OffsetAndMetadata(offset)));
    // For those who look at the lag only; nothing here reads it back, so a failure does not matter.
    consumer.commitAsync(all, (committed, failure) -> {});
  }

  @Override
  public ConsumerGroupMetadata group() {
    return consumer.groupMetadata();
  }

  @Override
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    Admin open = admin;
    admin = null;
    if (open != null) {
      open.close(Duration.ZERO);
    }
    consumer.close(CloseOptions.timeout(CLOSE));
  }
}
