package dev.tocsin.common.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts failures that happen at the same places again and again. Places are remembered until they
 * are passed for good: on the way to one, others may have to be passed again.
 */
final class Repeats {
  private final Map<TopicPartition, TreeMap<Long, Integer>> places = new HashMap<>();

  /** Another failure at this offset; tells how many there have been. */
  int again(TopicPartition partition, long offset) {
    return places.computeIfAbsent(partition, p -> new TreeMap<>()).merge(offset, 1, Integer::sum);
  }

  /** Nothing before the offset is read again. */
  void passed(TopicPartition partition, long offset) {
    TreeMap<Long, Integer> known = places.get(partition);
    if (known != null) {
      known.headMap(offset).clear();
      if (known.isEmpty()) {
        places.remove(partition);
      }
    }
  }

  /** The log ends at the offset now: what failed from there on is gone. */
  void lost(TopicPartition partition, long end) {
    TreeMap<Long, Integer> known = places.get(partition);
    if (known != null) {
      known.tailMap(end).clear();
    }
  }

  void forget(TopicPartition partition) {
    places.remove(partition);
  }
}
