package dev.tocsin.common.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Something remembered of single records until they are passed for good. */
final class Places<T> {
  private final Map<TopicPartition, TreeMap<Long, T>> places = new HashMap<>();

  @Nullable T at(TopicPartition partition, long offset) {
    TreeMap<Long, T> known = places.get(partition);
    return known == null ? null : known.get(offset);
  }

  /** Remembers a value, put together with the one that is there. */
  T merge(TopicPartition partition, long offset, T value, BinaryOperator<T> together) {
    return places.computeIfAbsent(partition, p -> new TreeMap<>()).merge(offset, value, together);
  }

  void put(TopicPartition partition, long offset, T value) {
    places.computeIfAbsent(partition, p -> new TreeMap<>()).put(offset, value);
  }

  /** Nothing before the offset is read again. */
  void passed(TopicPartition partition, long offset) {
    TreeMap<Long, T> known = places.get(partition);
    if (known != null) {
      known.headMap(offset).clear();
      if (known.isEmpty()) {
        places.remove(partition);
      }
    }
  }

  /** The log ends at the offset now: other records will be read from there on. */
  void lost(TopicPartition partition, long end) {
    TreeMap<Long, T> known = places.get(partition);
    if (known != null) {
      known.tailMap(end).clear();
    }
  }

  /** All records of the partition are others now. */
  void forget(TopicPartition partition) {
    places.remove(partition);
  }
}
