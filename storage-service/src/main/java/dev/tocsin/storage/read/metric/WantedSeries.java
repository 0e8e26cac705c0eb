package dev.tocsin.storage.read.metric;

import dev.tocsin.promql.series.Labels;
import java.util.Map;

/** The series that a query is for, by id, without an object each. Immutable. */
final class WantedSeries {
  private final long[] ids;
  private final Labels[] labels;

  /** Index in the arrays and one more, by hash; 0 is none. */
  private final int[] slots;

  WantedSeries(Map<Long, Labels> wanted) {
    ids = new long[wanted.size()];
    labels = new Labels[wanted.size()];
    slots = new int[Integer.highestOneBit(Math.max(4, wanted.size())) * 4];
    int at = 0;
    for (Map.Entry<Long, Labels> each : wanted.entrySet()) {
      ids[at] = each.getKey();
      labels[at++] = each.getValue();
      int slot = slot(each.getKey());
      while (slots[slot] != 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = at;
    }
  }

  /** Ids are hashes already. */
  private int slot(long id) {
    return (int) (id >>> 7) & (slots.length - 1);
  }

  int size() {
    return ids.length;
  }

  Labels labels(int index) {
    return labels[index];
  }

  boolean has(long id) {
    return indexOf(id) >= 0;
  }

  /** -1 when the series is not wanted. */
  int indexOf(long id) {
    int slot = slot(id);
    while (slots[slot] != 0) {
      int index = slots[slot] - 1;
      if (ids[index] == id) {
        return index;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    return -1;
  }
}
