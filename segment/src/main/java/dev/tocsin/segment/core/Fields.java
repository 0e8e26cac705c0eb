package dev.tocsin.segment.core;

import dev.tocsin.segment.column.SegmentFormatException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Steps over the fields of a protobuf message without building it. The bytes must have been checked
 * by {@link dev.tocsin.otlp.wire.OtlpScanner}, or come from protobuf itself. Reused from message to
 * message; not thread-safe.
 */
public final class Fields {
  public static final int VARINT = 0;
  public static final int FIXED64 = 1;
  public static final int LENGTH_DELIMITED = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  public static final int FIXED32 = 5;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private int tag;
  private int start;
  private int from;
  private long number;

  public static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  public Fields over(byte[] message, int messageFrom, int messageEnd) {
    bytes = message;
    at = messageFrom;
    end = messageEnd;
    return this;
  }

  /** Moves to the next field; false at the end of the message. */
  public boolean next() {
    if (at >= end) {
      return false;
    }
    start = at;
    tag = (int) varint();
    switch (tag & 7) {
      case VARINT -> number = varint();
      case FIXED64 -> {
        number = (long) LONGS.get(bytes, at);
        at += 8;
      }
      case LENGTH_DELIMITED -> {
        int length = (int) varint();
        from = at;
        at += length;
      }
      case FIXED32 -> {
        number = (int) INTS.get(bytes, at);
        at += 4;
      }
      case START_GROUP -> skipGroup();
      default -> throw new SegmentFormatException("wire type " + (tag & 7) + " at " + start);
    }
    if (at > end) {
      throw new SegmentFormatException("a field at " + start + " that passes its message's end");
    }
    return true;
  }

  private void skipGroup() {
    int open = 1;
    while (open > 0) {
      int inner = (int) varint();
      switch (inner & 7) {
        case VARINT -> {
          long unused = varint();
        }
        case FIXED64 -> at += 8;
        case LENGTH_DELIMITED -> {
          int length = (int) varint();
          at += length;
        }
        case START_GROUP -> open++;
        case END_GROUP -> open--;
        default -> at += 4;
      }
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte octet = bytes[at++];
      value |= (long) (octet & 0x7F) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    throw new SegmentFormatException("a varint of more than 10 bytes at " + at);
  }

  /** Field number and wire type, as {@link #tag(int, int)} makes them. */
  public int tag() {
    return tag;
  }

  /** Where the field begins, its tag included. */
  public int start() {
    return start;
  }

  /** Where a length-delimited value begins. */
  public int from() {
    return from;
  }

  /** Where the field ends, and its value. */
  public int to() {
    return at;
  }

  int length() {
    return at - from;
  }

  /** A varint, or the bits of a fixed number; those of 32 bits are sign-extended. */
  public long number() {
    return number;
  }
}
