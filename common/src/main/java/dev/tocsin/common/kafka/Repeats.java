package dev.tocsin.common.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Counts failures that happen at one and the same place again and again. */
final class Repeats {
  private final Map<TopicPartition, Place> places = new HashMap<>();

  private record Place(long offset, int failures) {}

  /** Another failure at this offset; tells how many there have been in a row. */
  int again(TopicPartition partition, long offset) {
    Place before = places.get(partition);
    int failures = before != null && before.offset == offset ? before.failures + 1 : 1;
    places.put(partition, new Place(offset, failures));
    return failures;
  }

  void passed(TopicPartition partition, long offset) {
    Place before = places.get(partition);
    if (before != null && offset > before.offset) {
      places.remove(partition);
    }
  }

  /** The log ends at the offset now: what failed there is gone. */
  void lost(TopicPartition partition, long end) {
    Place before = places.get(partition);
    if (before != null && before.offset >= end) {
      places.remove(partition);
    }
  }

  void forget(TopicPartition partition) {
    places.remove(partition);
  }
}
