package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.VARINT;
import static dev.tocsin.otlp.wire.WireCursor.tag;

/** Walks the positive or the negative buckets of exponential histogram points. */
final class BucketScanner {
  private static final int OFFSET = tag(1, VARINT);
  private static final int COUNT = tag(2, VARINT);
  private static final int COUNTS = tag(2, LENGTH_DELIMITED);

  /**
   * Buckets grow by the factor 2^(2^-scale). Below, one bucket spans more than all doubles; above,
   * the factor is not told from 1.
   */
  private static final int SCALE_MIN = -11;

  private static final int SCALE_MAX = 52;

  /** Doubles lie between 2 to the power of these. */
  private static final int EXPONENT_MIN = -1074;

  private static final int EXPONENT_MAX = 1024;

  private final WireCursor cursor;
  private int offset;
  private int count;
  private int firstFilled;
  private int lastFilled;

  BucketScanner(WireCursor cursor) {
    this.cursor = cursor;
  }

  void reset() {
    offset = 0;
    count = 0;
    firstFilled = -1;
    lastFilled = -1;
  }

  /** Walks the Buckets at the cursor; several for one point make one, as in protobuf. */
  void scan(WireSchema schema, int end, int depth) {
    schema.hold(cursor, end);
    int before = count;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == COUNTS) {
        int countsEnd = cursor.readEnd(end);
        while (cursor.position() < countsEnd) {
          add(cursor.readVarint(countsEnd));
        }
      } else if (tag == COUNT) {
        add(cursor.readVarint(end));
      } else if (tag == OFFSET) {
        offset = zigZag(cursor.readVarint(end));
      } else {
        schema.checkField(cursor, tag, end, depth);
      }
    }
    cursor.hold((long) Memory.NUMBER * (count - before));
  }

  private void add(long value) {
    if (value != 0) {
      firstFilled = firstFilled < 0 ? count : firstFilled;
      lastFilled = count;
    }
    count++;
  }

  /** A sint32. */
  static int zigZag(long value) {
    int bits = (int) value;
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** Whether some double could have been counted in the first and in the last bucket that did. */
  boolean fits(int scale) {
    if (scale < SCALE_MIN || scale > SCALE_MAX) {
      return false;
    }
    if (firstFilled < 0) {
      return true;
    }
    double lowestUpperBound = Math.scalb((double) offset + firstFilled + 1, -scale);
    double highestLowerBound = Math.scalb((double) offset + lastFilled, -scale);
    return lowestUpperBound >= EXPONENT_MIN && highestLowerBound < EXPONENT_MAX;
  }
}
