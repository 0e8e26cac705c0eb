package dev.tocsin.alert.derive;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.alert.derive.Heartbeats.Beat;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.kafka.Transactions;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.otlp.wire.RecentItems;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consume, transform, produce in one Kafka transaction a batch: the deltas and the offsets become
 * visible together or not at all, so every span counts exactly once.
 */
final class DeriveWork implements Work {
  /** Series of one transaction beyond this overflow; see {@link RedBatch}. */
  static final long RED_BYTES_MAX = 32L << 20;

  private static final Logger log = LoggerFactory.getLogger(DeriveWork.class);

  /** Estimated memory of the names known. */
  private static final long NAMES_BYTES_MAX = 32L << 20;

  /** Estimated size of the deltas that ends a batch early. */
  private static final long RED_BYTES_DUE = 8L << 20;

  /** With more records waiting it says nothing of itself: it does not know what is in them. */
  private static final long BEHIND_RECORDS = 2_000;

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration IDLE_POLL = Duration.ofMillis(500);

  private final String worker;
  private final DeriveOptions options;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Transactions transactions;
  private final DeriveMetrics metrics;
  private final SpanNameLimit names;
  private final Heartbeats heartbeats;
  private final Map<TopicPartition, Staged> staged = new HashMap<>();

  /**
   * Spans that count already. What is staged is never taken back but by {@link #begin}, which
   * forgets these, too: a span that was known only from what came to nothing would be lost.
   */
  private final Map<TopicPartition, RecentItems> recent = new HashMap<>();

  private @Nullable RecordSource source;
  private int derivedPartitions;
  private long previousCommitMs;
  private long transactedNanos;
  private long lookedNanos;
  private long ownHeartbeatMs;

  /**
   * @param nanoTime monotonic time
   * @param transactions of this work alone, which closes them
   */
  DeriveWork(
      String worker,
      DeriveOptions options,
      InstantSource clock,
      LongSupplier nanoTime,
      Transactions transactions,
      DeriveMetrics metrics) {
    this.worker = worker;
    this.options = options;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.transactions = transactions;
    this.metrics = metrics;
    this.names =
        new SpanNameLimit(options.servicesMax(), options.spanNamesPerServiceMax(), NAMES_BYTES_MAX);
    this.heartbeats =
        new Heartbeats(options.heartbeatInterval().toMillis(), options.instancesMax());
  }

  @Override
  public void open(RecordSource opened) {
    source = opened;
    transactions.settle();
    derivedPartitions = transactions.partitions(Topic.DERIVED);
    previousCommitMs = clock.millis();
    transactedNanos = nanoTime.getAsLong();
    lookedNanos = transactedNanos - LOOK_EVERY.toNanos();
  }

  /**
   * Goes on at the group's offset. Kafka forgets it together with its topic, so one behind the end
   * means that the log has lost its end. It is gone on after what there is, and that is told: from
   * the beginning, telemetry that may be a day old would be derived once more as if it were new.
   */
  @Override
  public long begin(TopicPartition partition, Extent extent) {
    // A commit that was asked for before is in the offset, or never will be.
    transactions.settle();
    Staged fresh = new Staged(options.instancesMax());
    staged.put(partition, fresh);
    recent.remove(partition);
    OptionalLong committed = reading().committed(partition);
    if (committed.isEmpty()) {
      return extent.beginning();
    }
    long kept = committed.getAsLong();
    Resume resume = Resume.of(new Resume.Point(kept, extent.topicId(), 0), extent);
    for (Resume.Gap gap : resume.gaps()) {
      log.warn("{} goes on at {}: {}", partition, resume.point().offset(), gap);
      metrics.missed(partition.topic(), gap);
      // To be committed, or it would be told again with every start.
      fresh.pass(resume.point().offset());
    }
    return resume.point().offset();
  }

  @Override
  public void end(TopicPartition partition) {
    staged.remove(partition);
    recent.remove(partition);
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    RecentItems known = recent.computeIfAbsent(partition, p -> RecentItems.ofProcess(clock));
    try {
      of(message).take(message, RecordFacts.of(message, options.instancesMax(), known));
      return Verdict.TAKEN;
    } catch (InvalidProtocolBufferException e) {
      // It may have noted spans that do not count.
      recent.remove(partition);
      skip(message);
      return Verdict.putAside("malformed", "derive: " + e.getMessage());
    }
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    of(message).pass(message.offset() + 1);
  }

  private Staged of(ConsumerRecord<byte[], byte[]> message) {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    return staged.computeIfAbsent(partition, p -> new Staged(options.instancesMax()));
  }

  /** At most one transaction in a batch's time, but none waits when there was none lately. */
  @Override
  public Duration pollWait() {
    if (staged.values().stream().allMatch(some -> some.next().isEmpty())) {
      return IDLE_POLL;
    }
    long waitedNanos = nanoTime.getAsLong() - transactedNanos;
    return Duration.ofNanos(Math.max(0, options.batch().toNanos() - waitedNanos));
  }

  @Override
  public void flush(Turn turn) {
    boolean any = staged.values().stream().anyMatch(some -> some.next().isPresent());
    boolean ownHeartbeat = ownHeartbeatDue(turn);
    if ((any && (turn.now() || isDue())) || ownHeartbeat) {
      transact(turn, ownHeartbeat);
    }
  }

  private boolean isDue() {
    long bytes = staged.values().stream().mapToLong(Staged::bytes).sum();
    long redBytes = staged.values().stream().mapToLong(some -> some.red().bytes()).sum();
    return bytes >= options.batchBytesMax()
        || redBytes >= RED_BYTES_DUE
        || nanoTime.getAsLong() - transactedNanos >= options.batch().toNanos();
  }

  /** Whether it is time to say that this worker lives, and it is not behind. */
  private boolean ownHeartbeatDue(Turn turn) {
    long nowMs = clock.millis();
    long nowNanos = nanoTime.getAsLong();
    boolean early =
        nowMs >= ownHeartbeatMs && nowMs - ownHeartbeatMs < options.heartbeatInterval().toMillis();
    if (early || nowNanos - lookedNanos < LOOK_EVERY.toNanos()) {
      return false;
    }
    lookedNanos = nowNanos;
    Collection<TopicPartition> mine = reading().assignment();
    return !mine.isEmpty() && waiting(turn, mine) < BEHIND_RECORDS;
  }

  private long waiting(Turn turn, Collection<TopicPartition> mine) {
    long waiting = 0;
    for (Map.Entry<TopicPartition, Long> end : reading().ends(mine).entrySet()) {
      long position = turn.position(end.getKey());
      if (position < 0) {
        return Long.MAX_VALUE;
      }
      waiting += Math.max(0, end.getValue() - position);
    }
    return waiting;
  }

  private void transact(Turn turn, boolean ownHeartbeat) {
    long began = nanoTime.getAsLong();
    long nowMs = clock.millis();
    long overflowsBefore = names.overflows();
    long droppedBefore = heartbeats.dropped();
    RedBatch red = new RedBatch(RED_BYTES_MAX);
    Set<Beat> seen = new LinkedHashSet<>();
    for (Staged some : staged.values()) {
      some.red().forEach((key, counts) -> red.add(names.admit(key, counts.calls(), nowMs), counts));
      seen.addAll(some.beats());
    }
    names.sweep(nowMs);
    List<Beat> beats = heartbeats.due(seen, nowMs);
    DerivedRequests requests = new DerivedRequests(derivedPartitions, previousCommitMs, nowMs);
    requests.add(red);
    beats.forEach(requests::add);
    if (ownHeartbeat) {
      requests.addOwnHeartbeat(worker);
    }
    Map<TopicPartition, Long> offsets = offsets();
    transactions.commit(messages(requests), offsets, reading().group());

    heartbeats.sent(beats, nowMs);
    transactedNanos = began;
    previousCommitMs = nowMs;
    ownHeartbeatMs = ownHeartbeat ? nowMs : ownHeartbeatMs;
    tell(red, names.overflows() - overflowsBefore, nanoTime.getAsLong() - began);
    metrics.heartbeatsDropped(heartbeats.dropped() - droppedBefore);
    staged.replaceAll((partition, some) -> new Staged(options.instancesMax()));
    offsets.forEach(turn::durable);
  }

  private void tell(RedBatch red, long overflows, long tookNanos) {
    int records = staged.values().stream().mapToInt(Staged::records).sum();
    long full = staged.values().stream().mapToLong(some -> some.red().overflows()).sum();
    long newestMs = staged.values().stream().mapToLong(Staged::newestMs).max().orElse(0);
    metrics.repeated(staged.values().stream().mapToLong(Staged::repeated).sum());
    metrics.committed(records, red.calls(), overflows + red.overflows() + full, tookNanos);
    metrics.delay(newestMs == 0 ? 0 : Math.max(0, clock.millis() - newestMs));
  }

  private static List<ProducerRecord<byte[], byte[]>> messages(DerivedRequests requests) {
    List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
    requests
        .encode()
        .forEach(
            (partition, values) ->
                values.forEach(value -> messages.add(message(partition, value))));
    return messages;
  }

  private static ProducerRecord<byte[], byte[]> message(int partition, byte[] value) {
    return new ProducerRecord<>(Topic.DERIVED.name(), partition, null, value);
  }

  private Map<TopicPartition, Long> offsets() {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    staged.forEach(
        (partition, some) -> some.next().ifPresent(next -> offsets.put(partition, next)));
    return offsets;
  }

  /**
   * Does what a flush does, without a record: writes to every partition, and moves offsets to where
   * they are. A request without metrics means nothing to whoever reads it.
   */
  @Override
  public boolean probe() {
    try {
      List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
      for (int partition = 0; partition < derivedPartitions; partition++) {
        messages.add(message(partition, new byte[0]));
      }
      Map<TopicPartition, Long> offsets = new HashMap<>();
      for (TopicPartition partition : staged.keySet()) {
        reading().committed(partition).ifPresent(offset -> offsets.put(partition, offset));
      }
      transactions.commit(messages, offsets, reading().group());
      return true;
    } catch (KafkaException e) {
      log.debug("{} does not get through without the record either", worker, e);
      return false;
    }
  }

  private RecordSource reading() {
    if (source == null) {
      throw new IllegalStateException("not open");
    }
    return source;
  }

  @Override
  public void close() {
    transactions.close();
  }
}
