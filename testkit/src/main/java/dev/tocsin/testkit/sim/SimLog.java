package dev.tocsin.testkit.sim;

import dev.tocsin.testkit.sim.SimEntry.State;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One partition's log. */
final class SimLog {
  final TopicPartition partition;
  private final List<SimEntry> entries = new ArrayList<>();
  private final List<Cut> cuts = new ArrayList<>();
  private long beginning;

  /** What is before this offset is decided, for ever. */
  private long decided;

  /** A leader's epoch ended here: what came after it at these offsets is not what was there. */
  private record Cut(int epoch, long end) {}

  SimLog(TopicPartition partition) {
    this.partition = partition;
  }

  long beginning() {
    return beginning;
  }

  /** The next offset to be written. */
  long end() {
    return beginning + entries.size();
  }

  /** Where those who read committed records have to stop. */
  long stableEnd() {
    decided = Math.min(Math.max(decided, beginning), end());
    for (SimEntry entry = at(decided); entry != null && entry.state != State.OPEN; ) {
      entry = at(++decided);
    }
    return decided;
  }

  void add(SimEntry entry) {
    if (entry.content.offset() != end()) {
      throw new IllegalStateException(entry.content.place() + " (expected: @" + end() + ")");
    }
    entries.add(entry);
  }

  /** Null outside the log. */
  @Nullable SimEntry at(long offset) {
    return offset < beginning || offset >= end() ? null : entries.get((int) (offset - beginning));
  }

  /** The first offset from this one on with a record to read, at most the stable end. */
  long nextReadable(long offset, long stableEnd) {
    long next = offset;
    while (next < stableEnd) {
      SimEntry entry = at(next);
      if (entry != null && entry.readable()) {
        return next;
      }
      next++;
    }
    return next;
  }

  /** Whether an undamaged, committed record is there from the offset on. */
  boolean hasReadable(long offset) {
    return entries.stream()
        .anyMatch(entry -> entry.content.offset() >= offset && entry.readable() && !entry.damaged);
  }

  /** Everything from the offset on is gone, as after a power cut. */
  List<SimRecord> truncate(long end) {
    List<SimEntry> tail = entries.subList((int) (end - beginning), entries.size());
    List<SimRecord> lost = committed(tail);
    tail.clear();
    decided = Math.min(decided, end);
    cuts.add(new Cut(epoch() + 1, end));
    return lost;
  }

  /** Everything before the offset is gone. */
  List<SimRecord> retain(long from) {
    List<SimEntry> head = entries.subList(0, (int) (from - beginning));
    List<SimRecord> lost = committed(head);
    head.clear();
    beginning = from;
    return lost;
  }

  List<SimRecord> committed() {
    return committed(entries);
  }

  private static List<SimRecord> committed(List<SimEntry> some) {
    return some.stream().filter(SimEntry::readable).map(entry -> entry.content).toList();
  }

  /** Leaders so far, less one. */
  int epoch() {
    return cuts.isEmpty() ? 0 : cuts.get(cuts.size() - 1).epoch;
  }

  /** Where the log was cut at the deepest since a leader; {@code Long.MAX_VALUE} for nowhere. */
  long cutSince(int epoch) {
    return cuts.stream()
        .filter(cut -> cut.epoch > epoch)
        .mapToLong(Cut::end)
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
