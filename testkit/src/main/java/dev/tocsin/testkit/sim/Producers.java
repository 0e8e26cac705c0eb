package dev.tocsin.testkit.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Those who write what the consumers read, and keep the books of it. After a log has lost its tail,
 * or a topic was made anew, they mostly keep silent for a while. When they write on before a
 * consumer has seen the shorter log, nobody can tell the new records from the old ones at the same
 * offsets: those are excused.
 */
public final class Producers {
  private static final Duration SILENCE = Duration.ofSeconds(70);

  private final SimScheduler scheduler;
  private final SimKafka kafka;
  private final SimLedger ledger;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private final Predicate<TopicPartition> noticed;
  private final Map<TopicPartition, Long> silentUntilNanos = new HashMap<>();
  private final Map<TopicPartition, Long> overwritten = new HashMap<>();
  private final List<SimRecord> written = new ArrayList<>();

  /**
   * @param topics which exist
   * @param noticed whether the consumers have seen where a changed partition ends now
   */
  public Producers(
      SimScheduler scheduler,
      SimKafka kafka,
      SimLedger ledger,
      List<String> topics,
      Predicate<TopicPartition> noticed) {
    this.scheduler = scheduler;
    this.kafka = kafka;
    this.ledger = ledger;
    this.noticed = noticed;
    topics.forEach(topic -> partitions.addAll(kafka.partitions(topic)));
    kafka.onLoss((lost, why) -> ledger.excused(lost.sequence(), why));
  }

  public List<TopicPartition> partitions() {
    return List.copyOf(partitions);
  }

  /** Writes so many records within the time, each to a partition by chance. */
  public void write(int records, Duration within, Supplier<byte[]> values) {
    for (int i = 0; i < records; i++) {
      Duration when = Duration.ofNanos((long) (within.toNanos() * (scheduler.pick(1_000) / 1e3)));
      scheduler.after(when, () -> writeOne(values));
    }
  }

  private void writeOne(Supplier<byte[]> values) {
    TopicPartition partition = partitions.get(scheduler.pick(partitions.size()));
    if (accepts(partition)) {
      write(partition, values.get());
    }
  }

  /** Whether something can be written to the partition now, and is not to be silent. */
  public boolean accepts(TopicPartition partition) {
    boolean silent = silentUntilNanos.getOrDefault(partition, 0L) > scheduler.nanoTime();
    return !silent && !kafka.faults().down();
  }

  /** Writes a record now. */
  public SimRecord write(TopicPartition partition, byte[] value) {
    boolean seen = noticed.test(partition);
    SimRecord record =
        kafka.append(
            new ProducerRecord<>(partition.topic(), partition.partition(), null, value),
            partition.partition());
    written.add(record);
    ledger.accepted(record.sequence(), record.place() + " (record " + record.sequence() + ")");
    Long shadow = overwritten.get(partition);
    if (shadow != null && (seen || record.offset() >= shadow)) {
      overwritten.remove(partition);
    } else if (shadow != null) {
      ledger.excused(record.sequence(), "written over others before that was noticed");
    }
    return record;
  }

  /** All that was written, lost or not. */
  public List<SimRecord> written() {
    return List.copyOf(written);
  }

  void truncate(TopicPartition partition, long end) {
    overwrite(partition);
    kafka.truncate(partition, end);
  }

  void recreate(String topic) {
    for (TopicPartition partition : partitions) {
      if (partition.topic().equals(topic)) {
        overwrite(partition);
        silence(partition);
      }
    }
    kafka.recreate(topic);
  }

  private void overwrite(TopicPartition partition) {
    overwritten.merge(partition, kafka.log(partition).end(), Math::max);
    if (!scheduler.chance(0.2)) {
      silence(partition);
    }
  }

  private void silence(TopicPartition partition) {
    silentUntilNanos.put(partition, scheduler.nanoTime() + SILENCE.toNanos());
  }
}
