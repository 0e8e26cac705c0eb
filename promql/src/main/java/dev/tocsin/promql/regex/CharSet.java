package dev.tocsin.promql.regex;

import java.util.BitSet;

/** A set of code points: ranges, negated or not. */
final class CharSet {
  private int[] ranges = new int[8];
  private int size;
  private boolean negated;
  private final BitSet ascii = new BitSet(128);

  static CharSet of(int codePoint) {
    return new CharSet().add(codePoint, codePoint);
  }

  CharSet add(int from, int to) {
    if (size + 2 > ranges.length) {
      ranges = java.util.Arrays.copyOf(ranges, size * 2);
    }
    ranges[size++] = from;
    ranges[size++] = to;
    if (from < 128) {
      ascii.set(from, Math.min(to, 127) + 1);
    }
    return this;
  }

  CharSet addAll(CharSet other) {
    if (!other.negated) {
      for (int i = 0; i < other.size; i += 2) {
        add(other.ranges[i], other.ranges[i + 1]);
      }
      return this;
    }
    int[][] sorted = other.sorted();
    int from = 0;
    for (int[] range : sorted) {
      if (range[0] > from) {
        add(from, range[0] - 1);
      }
      from = Math.max(from, range[1] + 1);
    }
    if (from <= Character.MAX_CODE_POINT) {
      add(from, Character.MAX_CODE_POINT);
    }
    return this;
  }

  private int[][] sorted() {
    int[][] sorted = new int[size / 2][];
    for (int i = 0; i < size; i += 2) {
      sorted[i / 2] = new int[] {ranges[i], ranges[i + 1]};
    }
    java.util.Arrays.sort(sorted, (a, b) -> Integer.compare(a[0], b[0]));
    return sorted;
  }

  /** The only code point of a set that has one only, else -1. */
  int single() {
    return size == 2 && !negated && ranges[0] == ranges[1] ? ranges[0] : -1;
  }

  CharSet negate() {
    negated = !negated;
    return this;
  }

  /** Adds the other case of every letter; large ranges hold both already. */
  CharSet foldCase() {
    int before = size;
    for (int i = 0; i < before; i += 2) {
      for (int c = ranges[i]; c <= Math.min(ranges[i + 1], ranges[i] + 1000); c++) {
        int upper = Character.toUpperCase(c);
        int lower = Character.toLowerCase(c);
        if (upper != c) {
          add(upper, upper);
        }
        if (lower != c) {
          add(lower, lower);
        }
      }
    }
    return this;
  }

  boolean has(int codePoint) {
    if (codePoint < 128) {
      return ascii.get(codePoint) != negated;
    }
    for (int i = 0; i < size; i += 2) {
      if (ranges[i] <= codePoint && codePoint <= ranges[i + 1]) {
        return !negated;
      }
    }
    return negated;
  }
}
