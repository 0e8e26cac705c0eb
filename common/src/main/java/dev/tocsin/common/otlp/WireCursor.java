package dev.tocsin.common.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A position in protobuf bytes. It knows tags, lengths and how to skip; meaning is left to its
 * user. Every read is checked against the end of the message it belongs to.
 */
final class WireCursor {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  /** protobuf-java's own limit; deeper groups are an attack. */
  private static final int GROUP_DEPTH_MAX = 100;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private int position;
  private boolean stringIndexSeen;

  WireCursor(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  int position() {
    return position;
  }

  byte[] bytes() {
    return bytes;
  }

  void moveTo(int newPosition) {
    position = newPosition;
  }

  static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /** The next tag; the caller has made sure that the message is not at its end. */
  int readTag(int end) {
    int start = position;
    // Fields 1 to 15, which almost all are.
    if (start < end && bytes[start] >= 8) {
      position = start + 1;
      return bytes[start];
    }
    long tag = readVarint(end);
    if (tag >>> 3 == 0 || tag >>> 32 != 0) {
      throw new MalformedOtlpException(start, "tag " + tag + " (expected: a field number above 0)");
    }
    return (int) tag;
  }

  /** Reads a length and returns where the value it announces ends; the position is its start. */
  int readEnd(int end) {
    int start = position;
    if (start < end && bytes[start] >= 0 && bytes[start] < end - start) {
      position = start + 1;
      return start + 1 + bytes[start];
    }
    long length = readVarint(end);
    if (length < 0 || length > end - position) {
      throw new MalformedOtlpException(
          start, "length " + length + " (expected: at most " + (end - position) + ")");
    }
    return position + (int) length;
  }

  long readVarint(int end) {
    int start = position;
    if (start < end && bytes[start] >= 0) {
      position = start + 1;
      return bytes[start];
    }
    if (end - start > 1 && bytes[start + 1] >= 0) {
      position = start + 2;
      return (bytes[start] & 0x7f) | bytes[start + 1] << 7;
    }
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position >= end) {
        throw new MalformedOtlpException(start, "a varint that ends with its message");
      }
      byte b = bytes[position++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new MalformedOtlpException(start, "a varint of more than 10 bytes");
  }

  /** Reads eight bytes, little-endian. */
  long readFixed64(int end) {
    int start = position;
    advance(8, end);
    return (long) LONGS.get(bytes, start);
  }

  /** Eight bytes anywhere, little-endian. */
  long fixed64At(int at) {
    return (long) LONGS.get(bytes, at);
  }

  /** Notes that a text was given as an index into a table that only profiles have. */
  void noteStringIndex() {
    stringIndexSeen = true;
  }

  boolean stringIndexSeen() {
    return stringIndexSeen;
  }

  /** Skips the value that follows the tag. */
  void skip(int tag, int end) {
    switch (tag & 7) {
      case VARINT -> {
        long unused = readVarint(end);
      }
      case FIXED64 -> advance(8, end);
      case LENGTH_DELIMITED -> position = readEnd(end);
      case FIXED32 -> advance(4, end);
      case START_GROUP -> skipGroup(tag, end);
      default ->
          throw new MalformedOtlpException(position, "wire type " + (tag & 7) + " without a start");
    }
  }

  private void skipGroup(int startTag, int end) {
    int[] open = new int[GROUP_DEPTH_MAX];
    int depth = 0;
    open[depth++] = startTag >>> 3;
    while (depth > 0) {
      if (position >= end) {
        throw new MalformedOtlpException(position, "a group without its end");
      }
      int tag = readTag(end);
      if ((tag & 7) == END_GROUP) {
        depth--;
        if (open[depth] != tag >>> 3) {
          throw new MalformedOtlpException(position, "a group ended by another field");
        }
      } else if ((tag & 7) == START_GROUP) {
        if (depth == GROUP_DEPTH_MAX) {
          throw new MalformedOtlpException(position, "groups nested over " + GROUP_DEPTH_MAX);
        }
        open[depth++] = tag >>> 3;
      } else {
        skip(tag, end);
      }
    }
  }

  private void advance(int count, int end) {
    if (end - position < count) {
      throw new MalformedOtlpException(
          position, (end - position) + " bytes left (expected: " + count + ")");
    }
    position += count;
  }
}
