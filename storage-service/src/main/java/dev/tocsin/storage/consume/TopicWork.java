package dev.tocsin.storage.consume;

import dev.tocsin.common.kafka.DeadLetters;
import dev.tocsin.common.kafka.PollLoop;
import dev.tocsin.common.otlp.MalformedOtlpException;
import dev.tocsin.storage.Batch;
import dev.tocsin.storage.SegmentStore;
import dev.tocsin.storage.UnstorableException;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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
 * offset. Encoding and committing go on beside polling: per partition one range is in the air while
 * the next fills the buffer, so memory is bounded by twice the flush limits. When the store fails,
 * the loop begins again, which buffers nothing twice. A range that cannot be encoded or is refused
 * by the database is read again record by record, so that only the record that is to blame is put
 * aside.
 */
final class TopicWork implements PollLoop.Work {
  private static final Logger log = LoggerFactory.getLogger(TopicWork.class);
  private static final Duration POLL_MAX = Duration.ofMillis(200);
  private static final Duration POLL_IN_FLIGHT = Duration.ofMillis(10);
  private static final long CLOSED_OFFSET = -1;

  private final String topic;
  private final Parts parts;
  private final SegmentStore store;
  private final DeadLetters deadLetters;
  private final Buffer.Factory buffers;
  private final FlushLimits limits;
  private final ConsumeMetrics metrics;
  private final WorkerExecutor encoders;
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
      ConsumeMetrics metrics,
      WorkerExecutor encoders) {
    this.topic = topic;
    this.parts = parts;
    this.store = store;
    this.deadLetters = deadLetters;
    this.buffers = buffers;
    this.limits = limits;
    this.metrics = metrics;
    this.encoders = encoders;
  }

  /** A partition this instance owns, and what it has buffered of it. */
  private static final class Assigned {
    final TopicPartition partition;
    final Buffer buffer;

    /** Offset up to which the store has everything. */
    long storedOffset;

    /** Offset up to which everything is stored or being stored. */
    long flushedOffset;

    /** Offset after the last record buffered. */
    long nextOffset;

    long bytes;
    long oldestNanos;
    int messages;
    @Nullable ConsumerRecord<byte[], byte[]> lastMessage;
    @Nullable Flight flight;

    Assigned(TopicPartition partition, Buffer buffer, long storedOffset) {
      this.partition = partition;
      this.buffer = buffer;
      this.storedOffset = storedOffset;
      this.flushedOffset = storedOffset;
      this.nextOffset = storedOffset;
    }

    boolean hasNews() {
      return nextOffset > flushedOffset;
    }
  }

  /**
   * A range being encoded and committed; one a partition, while the next fills the buffer.
   *
   * @param outcome the content, empty when the store has moved on without us
   */
  private record Flight(
      long from,
      long to,
      int messages,
      int items,
      @Nullable ConsumerRecord<byte[], byte[]> last,
      long beganNanos,
      Future<Optional<Batch.Content>> outcome) {}

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
      Flight flight = each.flight;
      if (flight != null && !flight.outcome().isComplete()) {
        continue;
      }
      if (land(consumer, each) && each.hasNews() && ageNanos(each) >= limits.interval().toNanos()) {
        launch(each);
      }
    }
    reportLag(consumer);
  }

  /** What is in the air is waited for, so that a clean stop leaves nothing to be read again. */
  @Override
  public void close(Consumer<byte[], byte[]> consumer) {
    for (Assigned each : assigned.values()) {
      Flight flight = each.flight;
      if (flight != null) {
        try {
          Optional<Batch.Content> unused = Blocking.await(flight.outcome());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        } catch (Exception e) {
          log.debug("{} was not stored before the end: {}", each.partition, e.getMessage());
        }
      }
    }
  }

  private Duration pollTime() {
    long waitNanos = POLL_MAX.toNanos();
    for (Assigned each : assigned.values()) {
      if (each.flight != null) {
        waitNanos = Math.min(waitNanos, POLL_IN_FLIGHT.toNanos());
      } else if (each.hasNews()) {
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
      boolean singly = message.offset() < singlyUntil.getOrDefault(message.partition(), 0L);
      boolean full =
          singly || current.buffer.items() >= limits.items() || current.bytes >= limits.bytes();
      if (full) {
        if (!land(consumer, current)) {
          return;
        }
        launch(current);
        if (singly && !land(consumer, current)) {
          return;
        }
      }
    }
  }

  private void buffer(Assigned current, ConsumerRecord<byte[], byte[]> message) throws Exception {
    Optional<Buffer.Rejected> rejected;
    try {
      if (message.value() == null) {
        throw new MalformedOtlpException(0, "no value");
      }
      current.bytes += message.value().length;
      rejected = current.buffer.add(message);
    } catch (MalformedOtlpException e) {
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

  /** Begins to store what is buffered: encoded on the workers, then committed. */
  private void launch(Assigned current) {
    int part = current.partition.partition();
    long from = current.flushedOffset;
    long to = current.nextOffset;
    int items = current.buffer.items();
    Supplier<Batch.Content> drained = current.buffer.drain(from);
    Future<Optional<Batch.Content>> outcome =
        encoders
            .executeBlocking(() -> encode(drained), false)
            .compose(
                content ->
                    store
                        .commit(new Batch(topic, part, from, to, content))
                        .map(stored -> stored ? Optional.of(content) : Optional.empty()));
    current.flight =
        new Flight(
            from, to, current.messages, items, current.lastMessage, System.nanoTime(), outcome);
    current.flushedOffset = to;
    current.bytes = 0;
    current.messages = 0;
  }

  /**
   * Waits for what is in the air; true when it is stored or there was nothing. When the store has
   * moved on without us, or the data were refused, the partition is taken over anew.
   */
  private boolean land(Consumer<byte[], byte[]> consumer, Assigned current) throws Exception {
    Flight flight = current.flight;
    if (flight == null) {
      return true;
    }
    current.flight = null;
    int part = current.partition.partition();
    Optional<Batch.Content> stored;
    try {
      stored = Blocking.await(flight.outcome());
    } catch (UnstorableException | UnencodableException e) {
      isolate(current, flight, e);
      assigned.remove(part);
      assign(consumer, current.partition);
      return false;
    }
    if (stored.isEmpty()) {
      metrics.replayed();
      assigned.remove(part);
      assign(consumer, current.partition);
      return false;
    }
    current.buffer.stored();
    current.storedOffset = flight.to();
    metrics.stored(stored.get(), System.nanoTime() - flight.beganNanos());
    // For lag monitoring only; nothing reads it back, so a failure does not matter.
    consumer.commitAsync(
        Map.of(current.partition, new OffsetAndMetadata(current.storedOffset)),
        (offsets, failure) -> {});
    return true;
  }

  private static Batch.Content encode(Supplier<Batch.Content> drained) {
    try {
      return drained.get();
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
  private void isolate(Assigned current, Flight flight, RuntimeException failure) throws Exception {
    int part = current.partition.partition();
    ConsumerRecord<byte[], byte[]> last = flight.last();
    if (flight.messages() > 1 || last == null) {
      log.warn(
          "{} from {} to {} cannot be stored as one ({}); storing record by record",
          current.partition,
          flight.from(),
          flight.to(),
          failure.getMessage());
      singlyUntil.put(part, flight.to());
      return;
    }
    metrics.rejected("unstorable", flight.items());
    Blocking.await(deadLetters.put(last, "unstorable", String.valueOf(failure.getMessage())));
    boolean unused =
        Blocking.await(store.commit(Batch.skip(topic, part, flight.from(), flight.to())));
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
