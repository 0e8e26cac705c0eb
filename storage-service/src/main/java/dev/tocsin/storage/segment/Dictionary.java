package dev.tocsin.storage.segment;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Distinct values in the order first seen, each with its index. */
final class Dictionary<T> {
  private final Map<T, Integer> indexes = new HashMap<>();
  private final List<T> values = new ArrayList<>();

  int index(T value) {
    Integer known = indexes.get(value);
    if (known != null) {
      return known;
    }
    int index = values.size();
    indexes.put(value, index);
    values.add(value);
    return index;
  }

  /** The index of a value already seen, else -1. */
  int find(T value) {
    return indexes.getOrDefault(value, -1);
  }

  List<T> values() {
    return values;
  }

  int size() {
    return values.size();
  }
}
