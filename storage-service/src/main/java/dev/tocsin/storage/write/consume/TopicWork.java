package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.Extent;
import dev.tocsin.common.kafka.Failures;
import dev.tocsin.common.kafka.RecordSource;
import dev.tocsin.common.kafka.Resume;
import dev.tocsin.common.kafka.Verdict;
import dev.tocsin.common.kafka.Work;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SegmentStore;
import dev.tocsin.storage.ports.UnstorableException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores one topic. Where to read from is told by the store, whose offset moves with the data; a
 * flush that did not take effect (a replay, or another instance has the partition by now) begins
 * the partition anew from there. Encoding and committing go on beside polling: per partition one
 * range is in the air while the next fills the buffer, so memory is bounded by twice the flush
 * limits. Nothing is committed before Kafka has said, after the records were read, that the topic
 * is still the one whose offsets the store has.
 */
final class TopicWork implements Work {
  private static final Logger log = LoggerFactory.getLogger(TopicWork.class);
  private static final Duration POLL_MAX = Duration.ofMillis(200);
  private static final Duration POLL_IN_FLIGHT = Duration.ofMillis(10);
  private static final int RESUME_TRIES = 3;

  private final String topic;
  private final SegmentStore store;
  private final TopicIds topicIds;
  private final Buffer.Factory buffers;
  private final FlushLimits limits;
  private final ConsumeMetrics metrics;
  private final Host host;
  private final Map<TopicPartition, Shelf> shelves = new HashMap<>();

  /** What is in the air of partitions given up, or begun anew: it may be stored yet. */
  private final Map<TopicPartition, Future<?>> leaving = new HashMap<>();

  private @Nullable RecordSource source;

  /**
   * Offsets may not move past records whose letters are not safe: they are when flush is called.
   */
  private boolean lettersUnderWay;

  private @Nullable Future<Uuid> topicId;

  TopicWork(
      String topic,
      SegmentStore store,
      TopicIds topicIds,
      Buffer.Factory buffers,
      FlushLimits limits,
      ConsumeMetrics metrics,
      Host host) {
    this.topic = topic;
    this.store = store;
    this.topicIds = topicIds;
    this.buffers = buffers;
    this.limits = limits;
    this.metrics = metrics;
    this.host = host;
  }

  /** Encoding failed: a fault of ours that some record brings out. */
  private static final class UnencodableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnencodableException(Throwable cause) {
      super("cannot be encoded: " + cause, cause);
    }
  }

  @Override
  public void open(RecordSource opened) throws Exception {
    source = opened;
    // Do not join the group before the store answers: a member that can do nothing holds others up.
    Resume.Point unused = await(store.point(topic, 0));
  }

  @Override
  public long begin(TopicPartition partition, Extent extent) throws Exception {
    end(partition);
    Future<?> last = leaving.remove(partition);
    if (last != null) {
      settle(partition, last);
    }
    Resume.Point point = resume(partition, extent);
    Buffer buffer = buffers.open(partition.partition());
    shelves.put(partition, new Shelf(partition, buffer, point, host.nanoTime()));
    return point.offset();
  }

  private Resume.Point resume(TopicPartition partition, Extent before) throws Exception {
    Extent extent = before;
    for (int i = 0; i < RESUME_TRIES; i++) {
      Resume.Point kept = await(store.point(topic, partition.partition()));
      Resume resume = Resume.of(kept, extent);
      RecordSource asked = source;
      if (resume.point().epoch() != kept.epoch() && asked != null) {
        // Another instance may have stored more by now than the log had when it was looked at.
        extent = asked.extent(partition);
        resume = Resume.of(kept, extent);
      }
      if (resume.point().equals(kept)) {
        return kept;
      }
      if (await(store.resume(topic, partition.partition(), kept, resume))) {
        tell(partition, resume);
        return resume.point();
      }
    }
    throw new KafkaException(partition + " is moved by another instance");
  }

  private void tell(TopicPartition partition, Resume resume) {
    for (Resume.Gap gap : resume.gaps()) {
      metrics.gap(gap.reason());
      log.warn(
          "{}: records are missing from {} to {} ({}); going on at {}, see telemetry.ingest_gap",
          partition,
          gap.from(),
          gap.to().isPresent() ? gap.to().getAsLong() : "where nobody knows",
          gap.reason(),
          resume.point().offset());
    }
  }

  @Override
  public void end(TopicPartition partition) {
    Shelf shelf = shelves.remove(partition);
    if (shelf == null) {
      return;
    }
    shelf.buffer.close();
    Shelf.Flight flight = shelf.flight;
    if (flight != null) {
      leaving.put(partition, flight.outcome());
    }
  }

  @Override
  public Verdict take(ConsumerRecord<byte[], byte[]> message) {
    Shelf shelf = shelf(message);
    if (isFull(shelf) && !lettersUnderWay) {
      land(shelf);
      if (!shelf.isOver()) {
        launch(shelf);
      }
    }
    if (shelf.isOver()) {
      // The next flush ends it; what comes until then is read again.
      return Verdict.TAKEN;
    }
    Verdict verdict = buffer(shelf, message);
    lettersUnderWay |= verdict instanceof Verdict.PutAside;
    shelf.passed(message.offset() + 1);
    return verdict;
  }

  @Override
  public void skip(ConsumerRecord<byte[], byte[]> message) {
    lettersUnderWay = true;
    shelf(message).passed(message.offset() + 1);
  }

  private Shelf shelf(ConsumerRecord<byte[], byte[]> message) {
    TopicPartition partition = new TopicPartition(message.topic(), message.partition());
    Shelf shelf = shelves.get(partition);
    if (shelf == null) {
      throw new IllegalStateException("a record of " + partition + " before its beginning");
    }
    return shelf;
  }

  private Verdict buffer(Shelf shelf, ConsumerRecord<byte[], byte[]> message) {
    Optional<Buffer.Rejected> rejected;
    try {
      if (message.value() == null) {
        throw new MalformedOtlpException(0, "no value");
      }
      rejected = shelf.buffer.add(message);
      shelf.bytes += message.value().length;
      metrics.repeated(shelf.buffer.drainRepeated());
    } catch (MalformedOtlpException e) {
      metrics.malformed();
      return Verdict.putAside("malformed", String.valueOf(e.getMessage()));
    }
    if (rejected.isEmpty()) {
      return Verdict.TAKEN;
    }
    Buffer.Rejected items = rejected.get();
    metrics.rejected(items.reason(), items.items());
    return Verdict.putAsideInPart(items.reason(), items.detail(), items.value());
  }

  /**
   * Only what the letters of a poll hold up: otherwise a full shelf is stored before it is filled.
   */
  @Override
  public boolean isFull() {
    return lettersUnderWay && shelves.values().stream().anyMatch(this::isFull);
  }

  private boolean isFull(Shelf shelf) {
    return limits.areReached(shelf.buffer, shelf.bytes, shelves.size());
  }

  @Override
  public void flush(Turn turn) throws Exception {
    lettersUnderWay = false;
    @Nullable PartitionFailure failure = null;
    for (Shelf shelf : List.copyOf(shelves.values())) {
      try {
        flush(shelf, turn);
      } catch (PartitionFailure e) {
        failure = failure == null ? e : failure;
      }
    }
    topicId = null;
    if (failure != null) {
      throw failure;
    }
  }

  private void flush(Shelf shelf, Turn turn) throws PartitionFailure {
    Shelf.Flight flight = shelf.flight;
    if (flight != null && (turn.now() || flight.outcome().isComplete())) {
      land(shelf);
    }
    if (shelf.flight == null && !shelf.isOver()) {
      shelf.passedNoRecords(turn.position(shelf.partition));
      if (shelf.hasNews()
          && (turn.now() || isFull(shelf) || shelf.ageNanos() >= limits.interval().toNanos())) {
        launch(shelf);
        if (turn.now()) {
          land(shelf);
        }
      }
    }
    if (shelf.tellsDurable()) {
      turn.durable(shelf.partition, shelf.storedOffset);
      RecordSource told = source;
      if (told != null) {
        // For lag monitoring only; nothing reads it back.
        told.commit(Map.of(shelf.partition, shelf.storedOffset));
      }
    }
    Throwable cause = shelf.failure;
    if (cause != null) {
      throw new PartitionFailure(shelf.partition, cause);
    }
    if (shelf.restarts) {
      turn.restart(shelf.partition);
    }
  }

  /** Begins to store what is buffered: encoded on the workers, then committed. */
  private void launch(Shelf shelf) {
    int part = shelf.partition.partition();
    int epoch = shelf.point.epoch();
    long from = shelf.flushedOffset;
    long to = shelf.nextOffset;
    Supplier<Batch.Content> drained = shelf.buffer.drain(Batch.id(epoch, from));
    Future<Boolean> sameTopic = topicId().map(id -> isSame(shelf.point.topicId(), id));
    Future<Optional<Batch.Content>> outcome =
        host.encoders()
            .run(() -> encode(drained))
            .compose(
                content ->
                    sameTopic
                        .compose(
                            same ->
                                same
                                    ? store.commit(new Batch(topic, part, epoch, from, to, content))
                                    : Future.succeededFuture(false))
                        .map(stored -> stored ? Optional.of(content) : Optional.empty()));
    shelf.launched(new Shelf.Flight(to, host.nanoTime().getAsLong(), outcome));
  }

  /** Asked once after each poll: it tells of all that was read by then. */
  private Future<Uuid> topicId() {
    Future<Uuid> asked = topicId;
    if (asked == null) {
      asked = topicIds.idOf(topic);
      topicId = asked;
    }
    return asked;
  }

  /** A topic that is gone was the old one when its records were read. */
  private static boolean isSame(Uuid kept, Uuid now) {
    return now.equals(Uuid.ZERO_UUID) || kept.equals(Uuid.ZERO_UUID) || kept.equals(now);
  }

  private static Batch.Content encode(Supplier<Batch.Content> drained) {
    try {
      return drained.get();
    } catch (RuntimeException | StackOverflowError e) {
      throw new UnencodableException(e);
    }
  }

  /** Waits for what is in the air; what became of it stands on the shelf. */
  private void land(Shelf shelf) {
    Shelf.Flight flight = shelf.flight;
    if (flight == null) {
      return;
    }
    shelf.flight = null;
    try {
      Optional<Batch.Content> stored = await(flight.outcome());
      if (stored.isPresent()) {
        shelf.stored(flight.to());
        metrics.stored(stored.get(), host.nanoTime().getAsLong() - flight.beganNanos());
      } else {
        // The store has moved on without us, or the topic is another one.
        metrics.replayed();
        shelf.restarts = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      shelf.failure = e;
    } catch (Exception e) {
      shelf.failure = e;
    }
  }

  @Override
  public Duration pollWait() {
    long waitNanos = POLL_MAX.toNanos();
    for (Shelf shelf : shelves.values()) {
      if (shelf.flight != null) {
        waitNanos = Math.min(waitNanos, POLL_IN_FLIGHT.toNanos());
      } else if (shelf.hasNews()) {
        waitNanos = Math.min(waitNanos, limits.interval().toNanos() - shelf.ageNanos());
      }
    }
    return Duration.ofNanos(Math.max(0, waitNanos));
  }

  /** What encoding or the database says of the data is no fault of the world. */
  @Override
  public boolean environmental(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnstorableException || cause instanceof UnencodableException) {
        return false;
      }
    }
    return Failures.environmental(failure);
  }

  @Override
  public boolean probe() {
    try {
      Resume.Point unused = await(store.point(topic, 0));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      return false;
    }
  }

  /** What is in the air is waited for, so that a clean stop leaves nothing to be read again. */
  @Override
  public void close() {
    List.copyOf(shelves.keySet()).forEach(this::end);
    leaving.forEach(this::settle);
    leaving.clear();
  }

  private void settle(TopicPartition partition, Future<?> outcome) {
    try {
      Object unused = await(outcome);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.debug("{} was not stored before the end: {}", partition, e.getMessage());
    }
  }

  private <T> T await(Future<T> future) throws Exception {
    return host.awaiting().await(future);
  }
}
