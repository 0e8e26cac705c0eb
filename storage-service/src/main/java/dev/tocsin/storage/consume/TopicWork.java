package dev.tocsin.storage.consume;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.SegmentStore;
import dev.tocsin.storage.UnstorableException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes one topic. Group subscription only shares the partitions out; where to read from is told
 * by the store, whose offset moves with the data. A flush that did not take effect (a replay, or
 * another instance has the partition by now) drops what was buffered and reads on from the store's
 * offset. When the store fails, the loop begins again, which buffers nothing twice. A range that
 * cannot be encoded or is refused by the database is read again record by record, so that only the
 * record that is to blame is put aside.
 */
final class TopicWork implements PollLoop.Work {
  private static final Logger log = LoggerFactory.getLogger(TopicWork.class);
  private static final Duration POLL_MAX = Duration.ofMillis(200);
  private static final long CLOSED_OFFSET = -1;

  private final String topic;
  private final Parts parts;
  private final SegmentStore store;
  private final DeadLetters deadLetters;
  private final Buffer.Factory buffers;
  private final FlushLimits limits;
  private final ConsumeMetrics metrics;
  private final Map<Integer, Assigned> assigned = new HashMap<>();

  /** Per partition, the offset up to which records are stored one by one to find a bad one. */
  private final Map<Integer, Long> singlyUntil = new HashMap<>();

  TopicWork(
      String topic,
      Parts parts,
      SegmentStore store,
      DeadLetters deadLetters,
      Buffer.Factory buffers,
      FlushLimits limits,
      ConsumeMetrics metrics) {
    this.topic = topic;
    this.parts = parts;
    this.store = store;
    this.deadLetters = deadLetters;
    this.buffers = buffers;
    this.limits = limits;
    this.metrics = metrics;
  }

  /** A partition this instance owns, and what it has buffered of it. */
  private static final class Assigned {
    final TopicPartition partition;
    final Buffer buffer;

    /** Offset up to which the store has everything. */
    long storedOffset;

    /** Offset after the last record buffered. */
    long nextOffset;

    long bytes;
    long oldestNanos;
    int messages;
    @Nullable ConsumerRecord<byte[], byte[]> lastMessage;

    Assigned(TopicPartition partition, Buffer buffer, long storedOffset) {
      this.partition = partition;
      this.buffer = buffer;
      this.storedOffset = storedOffset;
      this.nextOffset = storedOffset;
    }

    boolean hasNews() {
      return nextOffset > storedOffset;
    }
  }

  @Override
  public void open(Consumer<byte[], byte[]> consumer) throws Exception {
    // Do not join the group before the store answers: a member that can do nothing holds others up.
    long unused = Blocking.await(store.nextOffset(topic, 0));
    if (!parts.named().isEmpty()) {
      assignNamed(consumer);
      return;
    }
    consumer.subscribe(
        List.of(topic),
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> assigned.remove(partition.partition()));
          }

          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> assign(consumer, partition));
          }
        });
  }

  private void assignNamed(Consumer<byte[], byte[]> consumer) {
    int count = consumer.partitionsFor(topic).size();
    List<TopicPartition> mine =
        parts.named().stream()
            .filter(part -> part < count)
            .map(part -> new TopicPartition(topic, part))
            .toList();
    consumer.assign(mine);
    mine.forEach(partition -> assign(consumer, partition));
  }

  private void assign(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    try {
      long next = Blocking.await(store.nextOffset(topic, partition.partition()));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, CLOSED_OFFSET);
      if (end >= 0 && end < next) {
        log.warn(
            "{} ends at {} but {} is the next to store: the topic was made anew; reading it from"
                + " its beginning",
            partition,
            end,
            next);
        boolean moved = Blocking.await(store.moveOffset(topic, partition.partition(), next, 0));
        next = moved ? 0 : Blocking.await(store.nextOffset(topic, partition.partition()));
      }
      Buffer buffer = buffers.open(partition.partition());
      assigned.put(partition.partition(), new Assigned(partition, buffer, next));
      consumer.seek(partition, next);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while taking over " + partition, e);
    } catch (Exception e) {
      throw new IllegalStateException("cannot take over " + partition + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void turn(Consumer<byte[], byte[]> consumer) throws Exception {
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(pollTime());
    for (TopicPartition partition : polled.partitions()) {
      Assigned current = assigned.get(partition.partition());
      if (current != null) {
        take(consumer, current, polled.records(partition));
      }
    }
    for (Assigned each : List.copyOf(assigned.values())) {
      if (each.hasNews() && ageNanos(each) >= limits.interval().toNanos()) {
        flush(consumer, each);
      }
    }
    reportLag(consumer);
  }

  private Duration pollTime() {
    long waitNanos = POLL_MAX.toNanos();
    for (Assigned each : assigned.values()) {
      if (each.hasNews()) {
        waitNanos = Math.min(waitNanos, limits.interval().toNanos() - ageNanos(each));
      }
    }
    return Duration.ofNanos(Math.max(0, waitNanos));
  }

  private static long ageNanos(Assigned each) {
    return System.nanoTime() - each.oldestNanos;
  }

  private void take(
      Consumer<byte[], byte[]> consumer,
      Assigned current,
      List<ConsumerRecord<byte[], byte[]>> messages)
      throws Exception {
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      if (message.offset() < current.nextOffset) {
        continue;
      }
      if (!current.hasNews()) {
        current.oldestNanos = System.nanoTime();
      }
      buffer(current, message);
      current.nextOffset = message.offset() + 1;
      current.messages++;
      current.lastMessage = message;
      boolean full =
          current.buffer.items() >= limits.items()
              || current.bytes >= limits.bytes()
              || message.offset() < singlyUntil.getOrDefault(message.partition(), 0L);
      if (full && !flush(consumer, current)) {
        return;
      }
    }
  }

  private void buffer(Assigned current, ConsumerRecord<byte[], byte[]> message) throws Exception {
    Optional<Buffer.Rejected> rejected;
    try {
      if (message.value() == null) {
        throw new InvalidProtocolBufferException("no value");
      }
      current.bytes += message.value().length;
      rejected = current.buffer.add(message);
    } catch (InvalidProtocolBufferException e) {
      metrics.malformed();
      Blocking.await(deadLetters.put(message, "malformed", String.valueOf(e.getMessage())));
      return;
    }
    if (rejected.isPresent()) {
      Buffer.Rejected items = rejected.get();
      metrics.rejected(items.reason(), items.items());
      Blocking.await(
          deadLetters.put(withValue(message, items.value()), items.reason(), items.detail()));
    }
  }

  private static ConsumerRecord<byte[], byte[]> withValue(
      ConsumerRecord<byte[], byte[]> message, byte[] value) {
    ConsumerRecord<byte[], byte[]> changed =
        new ConsumerRecord<>(
            message.topic(), message.partition(), message.offset(), message.key(), value);
    message.headers().forEach(changed.headers()::add);
    return changed;
  }

  /** Stores what is buffered; false when the store has moved on without us. */
  private boolean flush(Consumer<byte[], byte[]> consumer, Assigned current) throws Exception {
    long began = System.nanoTime();
    int part = current.partition.partition();
    Batch.Content content;
    try {
      content = drain(current.buffer);
      Batch batch = new Batch(topic, part, current.storedOffset, current.nextOffset, content);
      if (!Blocking.await(store.commit(batch))) {
        metrics.replayed();
        assigned.remove(part);
        assign(consumer, current.partition);
        return false;
      }
    } catch (UnstorableException | UnencodableException e) {
      isolate(current, e);
      assigned.remove(part);
      assign(consumer, current.partition);
      return false;
    }
    current.buffer.stored();
    current.storedOffset = current.nextOffset;
    current.bytes = 0;
    current.messages = 0;
    metrics.stored(content, System.nanoTime() - began);
    // For lag monitoring only; nothing reads it back, so a failure does not matter.
    consumer.commitAsync(
        Map.of(current.partition, new OffsetAndMetadata(current.storedOffset)),
        (offsets, failure) -> {});
    return true;
  }

  private static Batch.Content drain(Buffer buffer) {
    try {
      return buffer.drain();
    } catch (RuntimeException e) {
      throw new UnencodableException(e);
    }
  }

  /** Encoding failed: a fault of ours that some record brings out. */
  private static final class UnencodableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnencodableException(RuntimeException cause) {
      super("cannot be encoded: " + cause, cause);
    }
  }

  /** Narrows a failed range down to one record, and puts that aside. */
  private void isolate(Assigned current, RuntimeException failure) throws Exception {
    int part = current.partition.partition();
    ConsumerRecord<byte[], byte[]> last = current.lastMessage;
    if (current.messages > 1 || last == null) {
      log.warn(
          "{} from {} to {} cannot be stored as one ({}); storing record by record",
          current.partition,
          current.storedOffset,
          current.nextOffset,
          failure.getMessage());
      singlyUntil.put(part, current.nextOffset);
      return;
    }
    metrics.rejected("unstorable", current.buffer.items());
    Blocking.await(deadLetters.put(last, "unstorable", String.valueOf(failure.getMessage())));
    boolean unused =
        Blocking.await(
            store.commit(Batch.skip(topic, part, current.storedOffset, current.nextOffset)));
  }

  private void reportLag(Consumer<byte[], byte[]> consumer) {
    long lag = 0;
    for (Assigned each : assigned.values()) {
      lag += Math.max(0, consumer.currentLag(each.partition).orElse(0));
      lag += each.nextOffset - each.storedOffset;
    }
    metrics.lag(lag);
  }
}
