package dev.tocsin.segment.column;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Distinct values in the order first seen, each with its index. */
public final class Dictionary<T> {
  private final Map<T, Integer> indexes = new HashMap<>();
  private final List<T> values = new ArrayList<>();

  public int index(T value) {
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
  public int find(T value) {
    return indexes.getOrDefault(value, -1);
  }

  public List<T> values() {
    return values;
  }

  public int size() {
    return values.size();
  }
}
