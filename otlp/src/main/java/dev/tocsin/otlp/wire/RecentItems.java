package dev.tocsin.otlp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Knows the items of the last minutes again, by 128 bits of a hash of what they are and where they
 * come from: a request that its sender repeats, because no answer came, counts once. Two
 * generations, the older one of which is forgotten when the younger is full or old, so that memory
 * is bounded: what is repeated later than that is not known again. To be thrown away with
 * everything that was made of the items and is not stored, or their repetition would be taken for
 * known. Not thread-safe.
 */
public final class RecentItems {
  /** Senders give up after five minutes: the default of the OpenTelemetry Collector. */
  static final Duration GENERATION = Duration.ofMinutes(5);

  private static final int SLOTS_MIN = 1 << 8;
  private static final int PROCESS_SLOTS_MIN = 1 << 16;
  private static final int PROCESS_SLOTS_MAX = 1 << 20;

  /** Both generations of a partition take a 128th of it, within the bounds above. */
  private static final long HEAP_BYTES_A_SLOT = 4_096;

  private static final int LONGS_A_SLOT = 2;
  private static final double LOAD_MAX = 0.7;
  private static final long FIRST = 0x9E3779B97F4A7C15L;
  private static final long SECOND = 0xC2B2AE3D27D4EB4FL;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final InstantSource clock;
  private final int slotsMax;
  private long[] young = new long[SLOTS_MIN * LONGS_A_SLOT];
  private long[] old = new long[0];
  private int size;
  private long sinceMs;

  /**
   * @param slotsMax a power of two; so many times 32 bytes are taken at most, and seven tenths of
   *     it remembered at least
   */
  RecentItems(InstantSource clock, int slotsMax) {
    if (Integer.bitCount(slotsMax) != 1 || slotsMax < SLOTS_MIN) {
      throw new IllegalArgumentException(
          "slots: " + slotsMax + " (expected: a power of two from " + SLOTS_MIN + ")");
    }
    this.clock = clock;
    this.slotsMax = slotsMax;
    this.sinceMs = clock.millis();
  }

  /** As many as the heap of this process has room for. */
  public static RecentItems ofProcess(InstantSource clock) {
    long slots = Long.highestOneBit(Runtime.getRuntime().maxMemory() / HEAP_BYTES_A_SLOT);
    return new RecentItems(
        clock, (int) Math.max(PROCESS_SLOTS_MIN, Math.min(PROCESS_SLOTS_MAX, slots)));
  }

  /** A hash of a part of where an item comes from. */
  public static long mark(byte[] bytes, int from, int to) {
    return OtlpHash.ofBytes(bytes, from, to);
  }

  /**
   * Takes note of an item.
   *
   * @param origin tells apart equal items of different senders
   * @return whether it is none of those known
   */
  public boolean isNew(long origin, byte[] bytes, int from, int to) {
    long first = FIRST ^ origin ^ (to - from);
    long second = SECOND + origin;
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      long word = (long) LONGS.get(bytes, at);
      first = (first ^ word) * FIRST;
      first ^= first >>> 32;
      second = Long.rotateLeft(second + word * SECOND, 29) * FIRST;
    }
    long rest = 0;
    for (int shift = 0; at < to; at++, shift += Byte.SIZE) {
      rest |= (bytes[at] & 0xFFL) << shift;
    }
    return isNew(
        OtlpHash.mix((first ^ rest) * FIRST),
        OtlpHash.mix(Long.rotateLeft(second + rest * SECOND, 29) * FIRST));
  }

  /**
   * Takes note of a point that adds to a series.
   *
   * @param series tells the series apart
   * @param bits of its value
   * @return whether it is none of those known
   */
  public boolean isNew(long series, long start, long time, long bits) {
    long first = (FIRST ^ series) * FIRST;
    first = (first ^ (first >>> 32) ^ start) * FIRST;
    first = (first ^ (first >>> 32) ^ time) * FIRST;
    long second = Long.rotateLeft(SECOND + series * SECOND, 29) * FIRST;
    second = Long.rotateLeft(second + start * SECOND, 29) * FIRST;
    second = Long.rotateLeft(second + time * SECOND, 29) * FIRST;
    return isNew(
        OtlpHash.mix((first ^ (first >>> 32) ^ bits) * FIRST),
        OtlpHash.mix(Long.rotateLeft(second + bits * SECOND, 29) * FIRST));
  }

  private boolean isNew(long first, long second) {
    forgetWhenDue();
    // A slot of zeros is free.
    long mark = first == 0 && second == 0 ? 1 : first;
    if (isIn(old, mark, second)) {
      return false;
    }
    int slot = slot(young, mark, second);
    if (young[slot] == mark && young[slot + 1] == second) {
      return false;
    }
    young[slot] = mark;
    young[slot + 1] = second;
    size++;
    return true;
  }

  private static boolean isIn(long[] table, long first, long second) {
    if (table.length == 0) {
      return false;
    }
    int slot = slot(table, first, second);
    return table[slot] == first && table[slot + 1] == second;
  }

  /** Where it is, else where it would be. */
  private static int slot(long[] table, long first, long second) {
    int mask = table.length - 1;
    int slot = (int) (first << 1) & mask;
    while ((table[slot] != 0 || table[slot + 1] != 0)
        && (table[slot] != first || table[slot + 1] != second)) {
      slot = (slot + LONGS_A_SLOT) & mask;
    }
    return slot;
  }

  private void forgetWhenDue() {
    int slots = young.length / LONGS_A_SLOT;
    boolean full = size >= slots * LOAD_MAX;
    if (full && slots < slotsMax) {
      grow();
      full = false;
    }
    long ageMs = clock.millis() - sinceMs;
    // A clock that was set back is believed.
    if (full || ageMs < 0 || ageMs >= GENERATION.toMillis()) {
      old = size == 0 ? new long[0] : young;
      // As many are to be expected again: growing takes as long as all the rest.
      young = new long[full ? young.length : SLOTS_MIN * LONGS_A_SLOT];
      size = 0;
      sinceMs = clock.millis();
    }
  }

  private void grow() {
    long[] smaller = young;
    young = new long[smaller.length * 2];
    for (int at = 0; at < smaller.length; at += LONGS_A_SLOT) {
      if (smaller[at] != 0 || smaller[at + 1] != 0) {
        int slot = slot(young, smaller[at], smaller[at + 1]);
        young[slot] = smaller[at];
        young[slot + 1] = smaller[at + 1];
      }
    }
  }

  /** What is kept. */
  long bytes() {
    return Long.BYTES * ((long) young.length + old.length);
  }
}
