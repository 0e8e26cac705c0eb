package dev.tocsin.common.kafka;

import java.util.ArrayDeque;
import org.apache.kafka.common.TopicPartition;

/** One partition as the kernel sees it; used by its thread only. */
final class Lane {
  final TopicPartition partition;

  /** When the partition was given to us. */
  final long givenNanos;

  /** Whether the work has said where it begins, and the source was sought to it. */
  boolean begun;

  /** Whether beginning anew was wanted, so that it is not one more try after a failure. */
  boolean afresh;

  /** Whether no record shows yet that the topic is the one that was begun. */
  boolean unsure;

  /** Offset after the last record handed over. */
  long next;

  /** Offsets of records handed over but not durable, in order. */
  final ArrayDeque<Long> staged = new ArrayDeque<>();

  /** Whether the work has really taken them, one by one. */
  private final ArrayDeque<Boolean> isTaken = new ArrayDeque<>();

  /** How many of the staged ones the work has really taken. */
  int taken;

  Lane(TopicPartition partition, long givenNanos) {
    this.partition = partition;
    this.givenNanos = givenNanos;
  }

  void begin(long offset) {
    begun = true;
    afresh = false;
    next = offset;
    unsure = offset == 0;
    forgetStaged();
  }

  void restart() {
    begun = false;
    forgetStaged();
  }

  private void forgetStaged() {
    staged.clear();
    isTaken.clear();
    taken = 0;
  }

  void handed(long offset, boolean byWork) {
    staged.add(offset);
    isTaken.add(byWork);
    taken += byWork ? 1 : 0;
    next = offset + 1;
  }

  void durable(long offset) {
    while (!staged.isEmpty() && staged.peek() < offset) {
      staged.remove();
      taken -= isTaken.remove() ? 1 : 0;
    }
  }
}
