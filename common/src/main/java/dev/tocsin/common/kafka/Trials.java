package dev.tocsin.common.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The ranges that are searched for the record that is to blame. A range that failed is tried again
 * in pieces of half the size, each alone, until a piece of one record fails.
 */
final class Trials {
  private final Map<TopicPartition, Trial> trials = new HashMap<>();

  /** Who failed alone last. */
  private @Nullable TopicPartition last;

  /**
   * @param alone whether a piece has failed
   */
  private record Trial(long until, int piece, boolean alone) {}

  /** These records failed together: their range is to be tried in pieces. */
  void suspect(TopicPartition partition, long until, int records) {
    Trial before = trials.get(partition);
    long end = before == null ? until : Math.max(before.until, until);
    boolean alone = before != null && before.alone;
    trials.put(partition, new Trial(end, Math.max(1, records / 2), alone));
  }

  /** How many records of the partition may be tried at once; empty for any number. */
  OptionalInt piece(TopicPartition partition) {
    Trial trial = trials.get(partition);
    return trial == null ? OptionalInt.empty() : OptionalInt.of(trial.piece);
  }

  /** A piece went well: the next one may be larger. */
  void wentWell(TopicPartition partition) {
    trials.computeIfPresent(
        partition,
        (p, trial) -> new Trial(trial.until, Math.min(1 << 20, trial.piece * 2), trial.alone));
  }

  /** Records of this partition only have failed by what looks like an outage. */
  void failedAlone(TopicPartition partition) {
    trials.computeIfPresent(partition, (p, trial) -> new Trial(trial.until, trial.piece, true));
    last = partition;
  }

  /** In which turn the partition is tried: those that fail come after those that do not. */
  int rank(TopicPartition partition) {
    Trial trial = trials.get(partition);
    if (trial == null || !trial.alone) {
      return 0;
    }
    return partition.equals(last) ? 2 : 1;
  }

  /** Everything before the offset is durable, so nothing of it is suspected any more. */
  void passed(TopicPartition partition, long offset) {
    Trial trial = trials.get(partition);
    if (trial != null && offset >= trial.until) {
      trials.remove(partition);
    }
  }

  /** The partition is somebody else's, or not what it was. */
  void forget(TopicPartition partition) {
    trials.remove(partition);
  }
}
