package dev.tocsin.common.kafka;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel has learnt about records that fail. It outlives the source they were read from, and
 * ends where their offsets do: passed for good, lost with the log's tail, or of another topic.
 */
final class Learnt {
  /** How often the world failed while a record was the first of those staged. */
  private final Places<Integer> failures = new Places<>();

  /** The same with that record alone: others may have been to blame for those before. */
  private final Places<Integer> failuresAlone = new Places<>();

  /** How often a record was damaged. Apart: what is staged before it fails along with it. */
  private final Places<Integer> damages = new Places<>();

  /** What the records that are to blame were found to cause. */
  private final Places<Throwable> blamed = new Places<>();

  /** Whose letter is safe, so that none needs a second one when it is read again. */
  private final Places<Boolean> letters = new Places<>();

  private final List<Places<?>> all = List.of(failures, failuresAlone, damages, blamed, letters);

  private final Trials trials = new Trials();

  /** The ranges that are tried in pieces. */
  Trials trials() {
    return trials;
  }

  /** Another failure with the record first of those staged; tells how many there have been. */
  int failedAgain(TopicPartition partition, long offset) {
    return failures.merge(partition, offset, 1, Integer::sum);
  }

  int failedAloneAgain(TopicPartition partition, long offset) {
    return failuresAlone.merge(partition, offset, 1, Integer::sum);
  }

  int damagedAgain(TopicPartition partition, long offset) {
    return damages.merge(partition, offset, 1, Integer::sum);
  }

  void blame(TopicPartition partition, long offset, Throwable why) {
    blamed.put(partition, offset, why);
  }

  /** What the record was found to cause; null when it is not known to be to blame. */
  @Nullable Throwable blamed(TopicPartition partition, long offset) {
    return blamed.at(partition, offset);
  }

  void letterIsSafe(TopicPartition partition, long offset) {
    letters.put(partition, offset, true);
  }

  boolean isLetterSafe(TopicPartition partition, long offset) {
    return letters.at(partition, offset) != null;
  }

  /** Everything before the offset is durable. */
  void passed(TopicPartition partition, long offset) {
    trials.passed(partition, offset);
    all.forEach(places -> places.passed(partition, offset));
  }

  /** The log ends at the offset now: what was there is lost, or never was. */
  void lost(TopicPartition partition, long end) {
    all.forEach(places -> places.lost(partition, end));
  }

  /** The partition is not what it was. */
  void forget(TopicPartition partition) {
    trials.forget(partition);
    all.forEach(places -> places.forget(partition));
  }
}
