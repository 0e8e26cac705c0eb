package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** A work as storage's is, with all ways to fail that records can bring about. */
final class ModelWork implements Work {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final ModelStore store;
  private final SimScheduler scheduler;
  private final SimDatabase database;
  private final int recordsMax;
  private final Map<TopicPartition, Staging> stagings = new LinkedHashMap<>();

  /** Of one partition, what is not stored yet. */
  private static final class Staging {
    ModelStore.Row row;
    long next;
    long sinceNanos;
    final List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>();

    Staging(ModelStore.Row row) {
      this.row = row;
      this.next = row.next();
    }

    boolean hasNews() {
      return next > row.next();
    }

    List<Long> sequences() {
      return taken.stream().map(SimRecord::sequenceOf).toList();
    }
  }

  ModelWork(ModelStore store, SimScheduler scheduler, SimDatabase database, int recordsMax) {
    this.store = store;
    this.scheduler = scheduler;
    this.database = database;
    this.recordsMax = recordsMax;
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) throws Exception {
    stagings.remove(partition);
    ModelStore.Row row = store.read(partition);
    if (row == null || !row.topicId().equals(extent.topicId())) {
      row = moved(partition, row, new ModelStore.Row(extent.topicId(), extent.beginning()));
    } else if (row.next() > extent.end()) {
      row = moved(partition, row, new ModelStore.Row(extent.topicId(), extent.end()));
    } else if (row.next() < extent.beginning()) {
      row = moved(partition, row, new ModelStore.Row(extent.topicId(), extent.beginning()));
    }
    stagings.put(partition, new Staging(row));
    return row.next();
  }

  private ModelStore.Row moved(
      TopicPartition partition, ModelStore.Row before, ModelStore.Row after) throws IOException {
    if (!store.move(partition, before, after)) {
      throw new IOException("simulated: somebody else moves " + partition);
    }
    return after;
  }

  @Override
  public void end(TopicPartition partition) {
    stagings.remove(partition);
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    Temper temper = Temper.of(message);
    if (temper == Temper.THROWS) {
      throw new IllegalStateException("thrown by " + message.offset());
    }
    if (temper == Temper.DEEP) {
      throw new StackOverflowError("of " + message.offset());
    }
    stage(message);
    if (temper == Temper.UNUSABLE) {
      return Verdict.putAside("unusable", "as it says");
    }
    staging(message).taken.add(message);
    return temper == Temper.PARTLY
        ? Verdict.putAsideInPart("partly", "as it says", message.value())
        : Verdict.TAKEN;
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    stage(message);
  }

  private void stage(ConsumerRecord<byte[], byte[]> message) {
    Staging staging = staging(message);
    if (message.offset() < staging.next) {
      throw new AssertionError(
          message.partition() + "@" + message.offset() + " after " + staging.next);
    }
    if (!staging.hasNews()) {
      staging.sinceNanos = scheduler.nanoTime();
    }
    staging.next = message.offset() + 1;
  }

  private Staging staging(ConsumerRecord<byte[], byte[]> message) {
    return stagings.get(new TopicPartition(message.topic(), message.partition()));
  }

  @Override
  public void flush(Turn turn) throws Exception {
    for (TopicPartition partition : List.copyOf(stagings.keySet())) {
      Staging staging = stagings.get(partition);
      boolean due =
          turn.now()
              || staging.taken.size() >= recordsMax
              || scheduler.nanoTime() - staging.sinceNanos >= INTERVAL.toNanos();
      if (staging.hasNews() && due) {
        flush(partition, staging, turn);
      }
    }
  }

  private void flush(TopicPartition partition, Staging staging, Turn turn) throws Exception {
    for (int i = 0; i < staging.taken.size(); i++) {
      ConsumerRecord<byte[], byte[]> message = staging.taken.get(i);
      switch (Temper.of(message)) {
        case UNSTORABLE ->
            throw new PartitionFailure(
                partition, new IllegalArgumentException("refused: " + partition));
        case BLAMED -> {
          storeBefore(partition, staging, i, turn);
          throw new RecordFailure(
              partition, message.offset(), new IllegalArgumentException("refused: one"));
        }
        case LONER -> {
          if (staging.taken.size() > 1) {
            throw new IllegalStateException("too many at once");
          }
        }
        case CHOKING -> throw new IOException("simulated: choked");
        default -> {}
      }
    }
    if (store.commit(partition, staging.row, staging.next, staging.sequences())) {
      stored(partition, staging, staging.next, turn);
      staging.taken.clear();
    } else {
      turn.restart(partition);
    }
  }

  private void storeBefore(TopicPartition partition, Staging staging, int index, Turn turn)
      throws IOException {
    long next = staging.taken.get(index).offset();
    List<Long> before = staging.sequences().subList(0, index);
    if (next > staging.row.next() && store.commit(partition, staging.row, next, before)) {
      stored(partition, staging, next, turn);
      staging.taken.subList(0, index).clear();
    }
  }

  private static void stored(TopicPartition partition, Staging staging, long next, Turn turn) {
    staging.row = new ModelStore.Row(staging.row.topicId(), next);
    turn.durable(partition, next);
  }

  @Override
  public boolean probe() {
    return database.answers();
  }
}
