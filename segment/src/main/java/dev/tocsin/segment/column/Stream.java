package dev.tocsin.segment.column;

import java.util.Arrays;

/**
 * Numbers of one kind of the rows of a frame, zig-zag. When all are equal they are written once;
 * those that nothing compresses go to {@link WideNumbers}. Not thread-safe.
 */
public final class Stream {
  private static final int VARIED = 0;
  private static final int CONSTANT = 1;
  private static final int WIDE = 2;

  private long[] values = new long[256];
  private int count;

  public void add(long value) {
    if (count == values.length) {
      values = Arrays.copyOf(values, count * 2);
    }
    values[count++] = (value << 1) ^ (value >> 63);
  }

  /** Writes what was added, and is empty again. */
  public void moveTo(ColumnWriter frame) {
    if (isConstant()) {
      addConstantTo(frame);
    } else {
      frame.octet(VARIED);
      for (int i = 0; i < count; i++) {
        frame.unsigned(values[i]);
      }
    }
    count = 0;
  }

  /** As {@link #moveTo(ColumnWriter)}, of numbers that nothing compresses. */
  public void moveTo(ColumnWriter frame, WideNumbers.Writer wide) {
    if (isConstant()) {
      addConstantTo(frame);
    } else {
      frame.octet(WIDE);
      for (int i = 0; i < count; i++) {
        wide.add(values[i]);
      }
    }
    count = 0;
  }

  private boolean isConstant() {
    for (int i = 1; i < count; i++) {
      if (values[i] != values[0]) {
        return false;
      }
    }
    return true;
  }

  private void addConstantTo(ColumnWriter frame) {
    frame.octet(CONSTANT);
    frame.unsigned(count == 0 ? 0 : values[0]);
  }

  /** Reads a stream into an array. */
  public static void read(ColumnReader in, long[] values, int from, int to) {
    read(in, in.octet(), values, from, to);
  }

  /** Reads a stream that may be one of wide numbers into an array. */
  public static void read(
      ColumnReader in, WideNumbers.Reader wide, long[] values, int from, int to) {
    int mode = in.octet();
    if (mode != WIDE) {
      read(in, mode, values, from, to);
      return;
    }
    for (int i = from; i < to; i++) {
      long value = wide.next();
      values[i] = (value >>> 1) ^ -(value & 1);
    }
  }

  private static void read(ColumnReader in, int mode, long[] values, int from, int to) {
    switch (mode) {
      case CONSTANT -> Arrays.fill(values, from, to, in.signed());
      case VARIED -> in.signed(values, from, to);
      default -> throw new SegmentFormatException("stream mode " + mode + " (expected: 0, 1 or 2)");
    }
  }

  /** Reads a stream of places in something of that size. */
  public static void read(ColumnReader in, int[] places, int from, int to, int size) {
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
