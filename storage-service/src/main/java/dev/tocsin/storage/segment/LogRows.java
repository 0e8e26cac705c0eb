package dev.tocsin.storage.segment;

import java.util.Arrays;

/**
 * Log records on their way to a segment, as the bytes they came in: nothing is built for a record.
 * Filled by one thread and then encoded by another; not thread-safe beyond that. Every field,
 * unknown ones included, survives.
 */
public final class LogRows {
  static final int TIME = Fields.tag(1, Fields.FIXED64);
  static final int OBSERVED = Fields.tag(11, Fields.FIXED64);

  final Arena arena = new Arena();
  Source[] sources = new Source[256];
  int[] from = new int[256];
  int[] to = new int[256];
  long[] nanos = new long[256];
  private int size;

  /** The record's time, else when it was observed, else 0. */
  public static long nanos(byte[] bytes, int from, int to) {
    long time = 0;
    long observed = 0;
    Fields fields = new Fields().over(bytes, from, to);
    while (fields.next()) {
      if (fields.tag() == TIME) {
        time = fields.number();
      } else if (fields.tag() == OBSERVED) {
        observed = fields.number();
      }
    }
    return time != 0 ? time : observed;
  }

  /**
   * Adds the record that is that part of the bytes, which are copied.
   *
   * @param filedUnder the time it is filed under, nanoseconds since 1970
   */
  public void add(Source source, byte[] bytes, int logFrom, int logTo, long filedUnder) {
    if (size == from.length) {
      int more = size * 2;
      sources = Arrays.copyOf(sources, more);
      from = Arrays.copyOf(from, more);
      to = Arrays.copyOf(to, more);
      nanos = Arrays.copyOf(nanos, more);
    }
    from[size] = arena.add(bytes, logFrom, logTo);
    to[size] = from[size] + (logTo - logFrom);
    sources[size] = source;
    nanos[size++] = filedUnder;
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

  /** Shows each log record where its bytes lie, in the order of adding. */
  public void forEach(Visitor visitor) {
    for (int i = 0; i < size; i++) {
      visitor.visit(sources[i].origin().service(), arena.bytes(), from[i], to[i], nanos[i]);
    }
  }

  /** Looks at a log record; must not keep or change the bytes. */
  public interface Visitor {
    void visit(String service, byte[] bytes, int from, int to, long nanos);
  }

  /** To a segment; at least one record must have been added. */
  public EncodedLogs encode() {
    return new LogEncoder(this).encode();
  }
}
