package dev.tocsin.storage.segment;

/**
 * Numbers of one kind of the rows of a frame. When all are equal they are written once. Not
 * thread-safe.
 */
final class Stream {
  private static final int VARIED = 0;
  private static final int CONSTANT = 1;

  private final ColumnWriter column = new ColumnWriter();
  private long first;
  private int count;
  private boolean varied;

  void add(long value) {
    if (count++ == 0) {
      first = value;
    }
    varied |= value != first;
    column.signed(value);
  }

  /** Writes what was added, and is empty again. */
  void moveTo(ColumnWriter frame) {
    if (varied) {
      frame.octet(VARIED);
      frame.raw(column);
    } else {
      frame.octet(CONSTANT);
      frame.signed(first);
    }
    column.clear();
    count = 0;
    varied = false;
    first = 0;
  }

  /** Reads a stream into an array. */
  static void read(ColumnReader in, long[] values, int from, int to) {
    int mode = in.octet();
    if (mode == CONSTANT) {
      long value = in.signed();
      java.util.Arrays.fill(values, from, to, value);
    } else if (mode == VARIED) {
      in.signed(values, from, to);
    } else {
      throw new SegmentFormatException("stream mode " + mode + " (expected: 0 or 1)");
    }
  }

  /** Reads a stream of places in something of that size. */
  static void read(ColumnReader in, int[] places, int from, int to, int size) {
    long[] values = new long[to - from];
    read(in, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= size) {
        throw new SegmentFormatException("index " + values[i] + " (expected: below " + size + ")");
      }
      places[from + i] = (int) values[i];
    }
  }
}
