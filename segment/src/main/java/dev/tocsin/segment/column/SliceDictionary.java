package dev.tocsin.segment.column;

import dev.tocsin.segment.index.Hashes;
import java.util.Arrays;

/**
 * Distinct byte strings of one array in the order first seen, each with its index. Holds places,
 * not copies. Not thread-safe.
 */
public final class SliceDictionary {
  private final byte[] bytes;
  private int[] table;
  private int[] from;
  private int[] to;
  private long[] hash;
  private int size;

  public SliceDictionary(byte[] bytes) {
    this(bytes, 32);
  }

  /**
   * @param expected strings for which there is room from the beginning
   */
  public SliceDictionary(byte[] bytes, int expected) {
    this.bytes = bytes;
    int room = Math.max(32, Integer.highestOneBit(Math.max(1, expected - 1)) * 2);
    this.table = new int[room * 2];
    this.from = new int[room];
    this.to = new int[room];
    this.hash = new long[room];
  }

  /** The index of the slice, a new one when it was not seen before. */
  public int index(int sliceFrom, int sliceTo) {
    long sliceHash = Hashes.fast(bytes, sliceFrom, sliceTo);
    int slot = (int) sliceHash & (table.length - 1);
    while (table[slot] != 0) {
      int known = table[slot] - 1;
      if (hash[known] == sliceHash && equal(known, sliceFrom, sliceTo)) {
        return known;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    return insert(slot, sliceHash, sliceFrom, sliceTo);
  }

  /** The index of a slice seen before, else -1. */
  public int find(int sliceFrom, int sliceTo) {
    long sliceHash = Hashes.fast(bytes, sliceFrom, sliceTo);
    int slot = (int) sliceHash & (table.length - 1);
    while (table[slot] != 0) {
      int known = table[slot] - 1;
      if (hash[known] == sliceHash && equal(known, sliceFrom, sliceTo)) {
        return known;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    return -1;
  }

  private boolean equal(int known, int sliceFrom, int sliceTo) {
    return Arrays.equals(bytes, from[known], to[known], bytes, sliceFrom, sliceTo);
  }

  private int insert(int slot, long sliceHash, int sliceFrom, int sliceTo) {
    if (size == from.length) {
      from = Arrays.copyOf(from, size * 2);
      to = Arrays.copyOf(to, size * 2);
      hash = Arrays.copyOf(hash, size * 2);
    }
    from[size] = sliceFrom;
    to[size] = sliceTo;
    hash[size] = sliceHash;
    table[slot] = ++size;
    if (size * 2 > table.length) {
      grow();
    }
    return size - 1;
  }

  private void grow() {
    table = new int[table.length * 2];
    for (int i = 0; i < size; i++) {
      int slot = (int) hash[i] & (table.length - 1);
      while (table[slot] != 0) {
        slot = (slot + 1) & (table.length - 1);
      }
      table[slot] = i + 1;
    }
  }

  public int size() {
    return size;
  }

  public int from(int index) {
    return from[index];
  }

  public int to(int index) {
    return to[index];
  }

  public int length(int index) {
    return to[index] - from[index];
  }

  /** {@link Hashes#fast} of the slice. */
  public long hash(int index) {
    return hash[index];
  }

  /** Their number, then length and bytes of each. */
  public ColumnWriter toColumn() {
    ColumnWriter column = new ColumnWriter();
    column.unsigned(size);
    for (int i = 0; i < size; i++) {
      column.unsigned(length(i));
      column.raw(bytes, from[i], to[i]);
    }
    return column;
  }
}
