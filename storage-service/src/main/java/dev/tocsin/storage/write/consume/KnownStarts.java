package dev.tocsin.storage.write.consume;

/**
 * Which start time the totals of each series were last told to have, so that it is marked in what
 * is stored once and not with every point. Two generations of a table of bounded size, the older
 * one of which is forgotten when the younger is full: a series that reports stays known. A start
 * that is forgotten is marked again, which costs room but says nothing wrong. Used by one thread.
 */
final class KnownStarts {
  private static final int SLOTS_FIRST = 1 << 8;
  private static final int SLOTS_MAX = 1 << 17;
  private static final int LONGS_A_SLOT = 2;
  private static final double LOAD_MAX = 0.7;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private long[] young = new long[SLOTS_FIRST * LONGS_A_SLOT];
  private long[] old = new long[SLOTS_FIRST * LONGS_A_SLOT];
  private int size;

  /**
   * Takes note of a start.
   *
   * @param startMs more than 0
   * @return whether it is another than the one known
   */
  boolean isNew(long seriesId, long startMs) {
    int slot = slot(young, seriesId);
    if (young[slot + 1] != 0) {
      boolean other = young[slot + 1] != startMs;
      young[slot + 1] = startMs;
      return other;
    }
    int before = slot(old, seriesId);
    boolean known = old[before + 1] == startMs;
    int slots = young.length / LONGS_A_SLOT;
    if (size >= slots * LOAD_MAX) {
      makeRoom();
      slot = slot(young, seriesId);
    }
    young[slot] = seriesId;
    young[slot + 1] = startMs;
    size++;
    return !known;
  }

  private void makeRoom() {
    long[] full = young;
    if (full.length >= SLOTS_MAX * LONGS_A_SLOT) {
      old = full;
      young = new long[full.length];
      size = 0;
      return;
    }
    young = new long[full.length * 2];
    for (int at = 0; at < full.length; at += LONGS_A_SLOT) {
      if (full[at + 1] != 0) {
        int slot = slot(young, full[at]);
        young[slot] = full[at];
        young[slot + 1] = full[at + 1];
      }
    }
  }

  /** Where a series is, else where it would be; a start of 0 is a free slot. */
  private static int slot(long[] table, long seriesId) {
    int mask = table.length - 1;
    int slot = (int) ((seriesId * SPREAD) >>> 32 << 1) & mask;
    while (table[slot + 1] != 0 && table[slot] != seriesId) {
      slot = (slot + LONGS_A_SLOT) & mask;
    }
    return slot;
  }
}
