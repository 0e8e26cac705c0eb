package dev.tocsin.storage.write.consume;

import dev.tocsin.common.kafka.Resume;
import dev.tocsin.storage.ports.Batch;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A partition that is read, what is buffered of it and what is in the air. Used by its poll thread.
 */
final class Shelf {
  /** What is no record is passed by itself when nothing has come for so long. */
  private static final Duration QUIET = Duration.ofSeconds(10);

  final TopicPartition partition;
  final Buffer buffer;

  /** Where reading began. */
  final Resume.Point point;

  /** Offset up to which the store has everything. */
  long storedOffset;

  /** Offset up to which everything is stored or being stored. */
  long flushedOffset;

  /** Offset after the last record buffered. */
  long nextOffset;

  /** Of the records buffered. */
  long bytes;

  @Nullable Flight flight;

  /** Why what was in the air cannot be stored; then nothing more is done with the shelf. */
  @Nullable Throwable failure;

  /** Whether the partition has to begin anew; likewise. */
  boolean restarts;

  private final LongSupplier nanoTime;
  private long oldestNanos;
  private long landedNanos;
  private long toldOffset = -1;

  /**
   * A range being encoded and committed; one a partition, while the next fills the buffer.
   *
   * @param to offset after its last record
   * @param outcome the content, empty when it was not stored and should not be
   */
  record Flight(long to, long beganNanos, Future<Optional<Batch.Content>> outcome) {}

  Shelf(TopicPartition partition, Buffer buffer, Resume.Point point, LongSupplier nanoTime) {
    this.partition = partition;
    this.buffer = buffer;
    this.point = point;
    this.storedOffset = point.offset();
    this.flushedOffset = point.offset();
    this.nextOffset = point.offset();
    this.nanoTime = nanoTime;
    this.landedNanos = nanoTime.getAsLong();
  }

  boolean isOver() {
    return failure != null || restarts;
  }

  boolean hasNews() {
    return nextOffset > flushedOffset;
  }

  long ageNanos() {
    return nanoTime.getAsLong() - oldestNanos;
  }

  /** Everything before the offset is buffered, or aside. */
  void passed(long offset) {
    if (!hasNews()) {
      oldestNanos = nanoTime.getAsLong();
    }
    nextOffset = offset;
  }

  /** Beyond the last record there are transaction markers and such up to the position. */
  void passedNoRecords(long position) {
    boolean quiet = nanoTime.getAsLong() - landedNanos > QUIET.toNanos();
    if (position > nextOffset && (hasNews() || quiet)) {
      passed(position);
    }
  }

  void launched(Flight launched) {
    flight = launched;
    flushedOffset = launched.to;
    bytes = 0;
  }

  void stored(long offset) {
    buffer.stored();
    storedOffset = offset;
    landedNanos = nanoTime.getAsLong();
  }

  /** Whether more is durable than was told the last time this was asked. */
  boolean tellsDurable() {
    boolean more = storedOffset > Math.max(toldOffset, point.offset());
    toldOffset = storedOffset;
    return more;
  }
}
