package dev.tocsin.common.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Partitions in memory. A record with an empty text is a transaction's marker: it never comes. */
final class ListSource implements RecordSource {
  static final String TOPIC = "t";

  private final Map<TopicPartition, List<String>> log;
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private final Set<TopicPartition> reading = new LinkedHashSet<>();
  private final Set<TopicPartition> mine = new LinkedHashSet<>();
  final Map<TopicPartition, Integer> beginnings = new HashMap<>();
  @Nullable RuntimeException pollFailure;

  /** A poll has no more than these, of the first partitions that were sought. */
  int recordsMax = Integer.MAX_VALUE;

  /** The log outlives the source, as Kafka outlives a consumer. */
  ListSource(Map<TopicPartition, List<String>> log) {
    this.log = log;
  }

  static TopicPartition partition(int number) {
    return new TopicPartition(TOPIC, number);
  }

  static Map<TopicPartition, List<String>> log(List<String> first, List<String> second) {
    Map<TopicPartition, List<String>> log = new TreeMap<>((a, b) -> a.partition() - b.partition());
    log.put(partition(0), new ArrayList<>(first));
    log.put(partition(1), new ArrayList<>(second));
    return log;
  }

  @Override
  public void join(Collection<String> topics, Membership membership) {
    mine.addAll(log.keySet());
    membership.assigned(mine);
  }

  @Override
  public void assign(Collection<TopicPartition> partitions) {
    mine.addAll(partitions);
  }

  @Override
  public Collection<TopicPartition> assignment() {
    return mine;
  }

  @Override
  public List<TopicPartition> partitions(String topic) {
    return List.copyOf(log.keySet());
  }

  @Override
  public Extent extent(TopicPartition partition) {
    return new Extent(
        beginnings.getOrDefault(partition, 0), log.get(partition).size(), Uuid.ONE_UUID);
  }

  @Override
  public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    partitions.forEach(partition -> ends.put(partition, (long) log.get(partition).size()));
    return ends;
  }

  @Override
  public OptionalLong offsetAt(TopicPartition partition, long timeMs) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong committed(TopicPartition partition) {
    return OptionalLong.empty();
  }

  @Override
  public void seek(TopicPartition partition, long offset) {
    positions.put(partition, offset);
    reading.add(partition);
  }

  @Override
  public long position(TopicPartition partition) {
    return positions.get(partition);
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> poll(Duration wait) {
    RuntimeException failure = pollFailure;
    pollFailure = null;
    if (failure != null) {
      throw failure;
    }
    List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
    for (TopicPartition partition : reading) {
      long position = positions.get(partition);
      if (position < beginnings.getOrDefault(partition, 0)) {
        throw new OffsetOutOfRangeException(Map.of(partition, position));
      }
      List<String> texts = log.get(partition);
      long offset = position;
      for (; offset < texts.size() && polled.size() < recordsMax; offset++) {
        String text = texts.get((int) offset);
        if (!text.isEmpty()) {
          polled.add(
              new ConsumerRecord<>(
                  TOPIC, partition.partition(), offset, new byte[0], text.getBytes(UTF_8)));
        }
      }
      positions.put(partition, offset);
    }
    return polled;
  }

  @Override
  public void commit(Map<TopicPartition, Long> offsets) {}

  @Override
  public ConsumerGroupMetadata group() {
    throw new IllegalStateException("no transactions here");
  }

  @Override
  public void wakeup() {}

  @Override
  public void close() {}
}
