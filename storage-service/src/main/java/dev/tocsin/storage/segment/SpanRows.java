package dev.tocsin.storage.segment;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Spans on their way to a segment, as the bytes they came in: nothing is built for a span. Filled
 * by one thread and then encoded by another; not thread-safe beyond that. Every field of a span,
 * unknown ones included, survives.
 */
public final class SpanRows {
  private static final int START = Fields.tag(7, Fields.FIXED64);

  final Arena arena = new Arena();
  Source[] sources = new Source[256];
  int[] from = new int[256];
  int[] to = new int[256];
  long[] startNanos = new long[256];
  private final Fields fields = new Fields();
  private int size;

  /** When the span that is that part of the bytes begins, 0 when it does not say. */
  public static long startNanos(byte[] bytes, int from, int to) {
    long start = 0;
    Fields fields = new Fields().over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() == START) {
        start = fields.number();
      }
    }
    return start;
  }

  /**
   * Adds the span that is that part of the bytes, which are copied.
   *
   * @param start as {@link #startNanos} told
   */
  public void add(Source source, byte[] bytes, int spanFrom, int spanTo, long start) {
    if (size == from.length) {
      int more = size * 2;
      sources = Arrays.copyOf(sources, more);
      from = Arrays.copyOf(from, more);
      to = Arrays.copyOf(to, more);
      startNanos = Arrays.copyOf(startNanos, more);
    }
    from[size] = arena.add(bytes, spanFrom, spanTo);
    to[size] = from[size] + (spanTo - spanFrom);
    sources[size] = source;
    startNanos[size++] = start;
  }

  public int size() {
    return size;
  }

  /** Bytes held. */
  public int bytes() {
    return arena.size();
  }

  /** Forgets everything but keeps the memory, to be filled again. */
  public void clear() {
    arena.clear();
    size = 0;
  }

  /** To a segment; at least one span must have been added. */
  public EncodedSpans encode() {
    return encode(SpanSink.NONE);
  }

  /** To a segment, of whose spans the sink is told. */
  public EncodedSpans encode(SpanSink sink) {
    return new SpanEncoder(this, sink).encode();
  }

  Fields fields() {
    return fields;
  }

  /** At how many traces a day segments like this would add up, seeing so many of them. */
  static double tracesPerDay(int traces, long minNanos, long maxNanos) {
    double range = Math.max(maxNanos - minNanos, TimeUnit.SECONDS.toNanos(1));
    return traces * (TimeUnit.DAYS.toNanos(1) / range);
  }
}
