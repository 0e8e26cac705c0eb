package dev.tocsin.segment.column;

import java.util.List;

/**
 * Numbers so random that nothing but their magnitude compresses, as times are: section {@code
 * name.lengths} has the number of bits of each, {@code name.bits} what is below the highest bit,
 * which is set; low bits first, not compressed.
 */
public final class WideNumbers {
  private static final int STEP = 32;

  private static final String LENGTHS = ".lengths";
  private static final String BITS = ".bits";

  private WideNumbers() {}

  /** The sections of that name's numbers. */
  public static List<String> sections(String name) {
    return List.of(name + LENGTHS, name + BITS);
  }

  /** Collects numbers. Not thread-safe. */
  public static final class Writer {
    private final ColumnWriter lengths = new ColumnWriter();
    private final ColumnWriter bits = new ColumnWriter();
    private long pending;
    private int held;

    /** Adds an unsigned number. */
    public void add(long value) {
      int length = Long.SIZE - Long.numberOfLeadingZeros(value);
      lengths.octet(length);
      if (length > 1) {
        write(value, length - 1);
      }
    }

    private void write(long value, int count) {
      int now = Math.min(count, STEP);
      pending |= (value & ((1L << now) - 1)) << held;
      held += now;
      for (; held >= Byte.SIZE; held -= Byte.SIZE) {
        bits.octet((int) pending);
        pending >>>= Byte.SIZE;
      }
      if (count > STEP) {
        write(value >>> STEP, count - STEP);
      }
    }

    /** To be called once, at the end. */
    void addTo(Sections.Writer sections, String name) {
      if (held > 0) {
        bits.octet((int) pending);
      }
      sections.add(name + LENGTHS, lengths);
      sections.addRaw(name + BITS, bits);
    }
  }

  /** Reads numbers in the order of adding. Not thread-safe. */
  public static final class Reader {
    private final ColumnReader lengths;
    private final ColumnReader bits;
    private long pending;
    private int held;

    public Reader(Sections.Reader sections, String name) {
      lengths = sections.section(name + LENGTHS);
      bits = sections.section(name + BITS);
    }

    long next() {
      int length = lengths.octet();
      if (length > Long.SIZE) {
        throw new SegmentFormatException("a number of " + length + " bits (expected: 0-64)");
      }
      return length == 0 ? 0 : 1L << (length - 1) | read(length - 1);
    }

    private long read(int count) {
      int now = Math.min(count, STEP);
      for (; held < now; held += Byte.SIZE) {
        pending |= (long) bits.octet() << held;
      }
      long value = pending & ((1L << now) - 1);
      pending >>>= now;
      held -= now;
      return count > STEP ? value | read(count - STEP) << STEP : value;
    }
  }
}
