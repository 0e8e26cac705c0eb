package dev.tocsin.segment.core;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Spans or log records on their way to a segment, as the bytes they came in: nothing is built for
 * one. Filled by one thread and then encoded by another; not thread-safe beyond that.
 */
public final class ItemRows {
  private static final int BYTES_A_ROW = 8 + 4 + 4 + 8;

  public final Arena arena = new Arena();
  public Source[] sources = new Source[256];
  public int[] from = new int[256];
  public int[] to = new int[256];
  public long[] nanos = new long[256];
  private int size;

  /**
   * Adds the item that is that part of the bytes, which are copied.
   *
   * @param filedUnder its time, nanoseconds since 1970
   */
  public void add(Source source, byte[] bytes, int itemFrom, int itemTo, long filedUnder) {
    if (size == from.length) {
      int more = size * 2;
      sources = Arrays.copyOf(sources, more);
      from = Arrays.copyOf(from, more);
      to = Arrays.copyOf(to, more);
      nanos = Arrays.copyOf(nanos, more);
    }
    from[size] = arena.add(bytes, itemFrom, itemTo);
    to[size] = from[size] + (itemTo - itemFrom);
    sources[size] = source;
    nanos[size++] = filedUnder;
  }

  public int size() {
    return size;
  }

  /** Bytes of the items. */
  public int bytes() {
    return arena.size();
  }

  /** Bytes of memory, which {@link #clear} keeps. */
  public int bytesKept() {
    return arena.capacity() + from.length * BYTES_A_ROW;
  }

  /** Bytes of the items and, once each, of what they came from. */
  public int unpacked() {
    Set<Source> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    long origins = 0;
    for (int i = 0; i < size; i++) {
      if (seen.add(sources[i])) {
        origins += sources[i].origin().bytes();
      }
    }
    return (int) Math.min(Integer.MAX_VALUE, bytes() + origins);
  }

  public long minNanos() {
    return Arrays.stream(nanos, 0, size).min().orElseThrow();
  }

  public long maxNanos() {
    return Arrays.stream(nanos, 0, size).max().orElseThrow();
  }

  /** Forgets everything but keeps the memory, to be filled again. */
  public void clear() {
    arena.clear();
    Arrays.fill(sources, 0, size, null);
    size = 0;
  }

  /** Shows each item where its bytes lie, in the order of adding. */
  public void forEach(Visitor visitor) {
    for (int i = 0; i < size; i++) {
      visitor.visit(sources[i].origin().service(), arena.bytes(), from[i], to[i], nanos[i]);
    }
  }

  /** Looks at an item; must not keep or change the bytes. */
  public interface Visitor {
    void visit(String service, byte[] bytes, int from, int to, long nanos);
  }
}
