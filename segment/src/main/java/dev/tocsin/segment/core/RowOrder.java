package dev.tocsin.segment.core;

import dev.tocsin.segment.column.Frames;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The order in which rows are stored (S-8): by service, then by a group of the caller's (for spans,
 * their name), then by time.
 */
public final class RowOrder {
  /** Rows of one segment; their number and time share a long while they are sorted. */
  static final int ROWS_MAX = 1 << 22;

  private static final int TIME_BITS = 41;

  public final Frames frames;

  /** Rows in stored order. */
  public final int[] rows;

  private RowOrder(Frames frames, int[] rows) {
    this.frames = frames;
    this.rows = rows;
  }

  @SuppressWarnings("ReferenceEquality") // a source seen again is the same one, or looked up anew
  public static RowOrder of(Source[] sources, int[] groups, long[] nanos, int count) {
    if (count > ROWS_MAX) {
      throw new IllegalArgumentException(count + " rows (expected: at most " + ROWS_MAX + ")");
    }
    int[] byTime = byTime(nanos, count);
    TreeMap<String, Integer> ranks = new TreeMap<>();
    for (int row = 0; row < count; row++) {
      ranks.putIfAbsent(sources[row].origin().service(), 0);
    }
    int rank = 0;
    for (Map.Entry<String, Integer> entry : ranks.entrySet()) {
      entry.setValue(rank++);
    }
    long[] keys = new long[count];
    int[] serviceOf = new int[count];
    Source last = null;
    int lastRank = 0;
    for (int row = 0; row < count; row++) {
      if (sources[row] != last) {
        last = sources[row];
        lastRank = ranks.getOrDefault(last.origin().service(), 0);
      }
      serviceOf[row] = lastRank;
      keys[row] = (long) lastRank << 32 | groups[row];
    }
    return new RowOrder(
        new Frames(ranks.keySet().toArray(new String[0]), firsts(serviceOf, ranks.size())),
        grouped(byTime, keys));
  }

  private static int[] byTime(long[] nanos, int count) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int row = 0; row < count; row++) {
      min = Math.min(min, nanos[row]);
      max = Math.max(max, nanos[row]);
    }
    int shift = Math.max(0, 64 - Long.numberOfLeadingZeros(max - min) - TIME_BITS);
    long[] sorted = new long[count];
    for (int row = 0; row < count; row++) {
      sorted[row] = (nanos[row] - min) >>> shift << 22 | row;
    }
    Arrays.sort(sorted);
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = (int) sorted[i] & (ROWS_MAX - 1);
    }
    return rows;
  }

  private static int[] firsts(int[] serviceOf, int services) {
    int[] firsts = new int[services + 1];
    for (int service : serviceOf) {
      firsts[service + 1]++;
    }
    for (int i = 1; i <= services; i++) {
      firsts[i] += firsts[i - 1];
    }
    return firsts;
  }

  /** A counting sort by key that keeps the order of time. */
  private static int[] grouped(int[] byTime, long[] keys) {
    Map<Long, Integer> places = new HashMap<>();
    int[] place = new int[keys.length];
    long lastKey = -1;
    int lastPlace = 0;
    int[] sizes = new int[64];
    for (int row = 0; row < keys.length; row++) {
      if (keys[row] != lastKey) {
        lastKey = keys[row];
        lastPlace = places.computeIfAbsent(lastKey, key -> places.size());
        if (lastPlace >= sizes.length) {
          sizes = Arrays.copyOf(sizes, sizes.length * 2);
        }
      }
      place[row] = lastPlace;
      sizes[lastPlace]++;
    }
    int[] next = new int[places.size()];
    int from = 0;
    for (Map.Entry<Long, Integer> entry : new TreeMap<>(places).entrySet()) {
      next[entry.getValue()] = from;
      from += sizes[entry.getValue()];
    }
    int[] rows = new int[keys.length];
    for (int row : byTime) {
      rows[next[place[row]]++] = row;
    }
    return rows;
  }
}
