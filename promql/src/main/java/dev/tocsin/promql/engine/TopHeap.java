package dev.tocsin.promql.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The k greatest (or least) of a stream of values in a binary heap with the worst on top. Among
 * equal values it keeps the very ones that Prometheus keeps, since it moves elements as Go's
 * container/heap does.
 */
final class TopHeap {
  private final int capacity;
  private final int sign;
  private final int[] series;
  private final double[] values;
  private int size;

  /**
   * @param greatest whether the greatest are kept rather than the least
   */
  TopHeap(int capacity, boolean greatest) {
    this.capacity = capacity;
    this.sign = greatest ? 1 : -1;
    this.series = new int[capacity];
    this.values = new double[capacity];
  }

  void offer(int index, double value) {
    if (size < capacity) {
      series[size] = index;
      values[size] = value;
      up(size++);
    } else if (sign * values[0] < sign * value
        || (Double.isNaN(values[0]) && !Double.isNaN(value))) {
      series[0] = index;
      values[0] = value;
      down();
    }
  }

  private boolean worse(int a, int b) {
    return Double.isNaN(values[a]) || sign * values[a] < sign * values[b];
  }

  private void up(int start) {
    int child = start;
    while (child > 0) {
      int parent = (child - 1) / 2;
      if (!worse(child, parent)) {
        return;
      }
      swap(child, parent);
      child = parent;
    }
  }

  private void down() {
    int parent = 0;
    while (2 * parent + 1 < size) {
      int child = 2 * parent + 1;
      if (child + 1 < size && worse(child + 1, child)) {
        child++;
      }
      if (!worse(child, parent)) {
        return;
      }
      swap(child, parent);
      parent = child;
    }
  }

  private void swap(int a, int b) {
    int index = series[a];
    double value = values[a];
    series[a] = series[b];
    values[a] = values[b];
    series[b] = index;
    values[b] = value;
  }

  /** The indexes kept, best first. */
  List<Integer> best() {
    for (int i = 1; i < size; i++) {
      for (int j = i; j > 0 && worse(j - 1, j); j--) {
        swap(j, j - 1);
      }
    }
    List<Integer> indexes = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      indexes.add(series[i]);
    }
    return indexes;
  }
}
