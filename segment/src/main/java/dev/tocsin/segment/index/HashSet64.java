package dev.tocsin.segment.index;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** A set of hashes, without an object each. Not thread-safe. */
public final class HashSet64 {
  private long[] table = new long[256];
  private int size;
  private boolean hasZero;

  public void add(long hash) {
    if (hash == 0) {
      size += hasZero ? 0 : 1;
      hasZero = true;
      return;
    }
    int slot = (int) (hash >>> 7) & (table.length - 1);
    while (table[slot] != 0) {
      if (table[slot] == hash) {
        return;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = hash;
    if (++size * 2 > table.length) {
      grow();
    }
  }

  private void grow() {
    long[] old = table;
    table = new long[old.length * 2];
    for (long hash : old) {
      if (hash != 0) {
        int slot = (int) (hash >>> 7) & (table.length - 1);
        while (table[slot] != 0) {
          slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = hash;
      }
    }
  }

  public int size() {
    return size;
  }

  public void forEach(LongConsumer consumer) {
    if (hasZero) {
      consumer.accept(0);
    }
    for (long hash : table) {
      if (hash != 0) {
        consumer.accept(hash);
      }
    }
  }

  void clear() {
    Arrays.fill(table, 0);
    size = 0;
    hasZero = false;
  }
}
