package dev.tocsin.otlp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * A position in protobuf bytes. It knows tags, lengths and how to skip; meaning is left to its
 * user. Every read is checked against the end of the message it belongs to and fails with {@link
 * MalformedOtlpException}. Not thread-safe.
 */
public final class WireCursor {
  public static final int VARINT = 0;
  public static final int FIXED64 = 1;
  public static final int LENGTH_DELIMITED = 2;
  public static final int START_GROUP = 3;
  public static final int END_GROUP = 4;
  public static final int FIXED32 = 5;

  /** protobuf-java's own limit on messages and groups within each other, counted together. */
  static final int DEPTH_MAX = 100;

  /** More fields are not told of: an answer is short. */
  private static final int UNKNOWN_ENUMS_MAX = 4;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private int position;
  private boolean stringIndexSeen;
  private Map<String, String> unknownEnums = Map.of();
  private long memory;

  public WireCursor(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  /** Where the next read begins. */
  public int position() {
    return position;
  }

  /** What is read; shared, not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  public void moveTo(int newPosition) {
    position = newPosition;
  }

  public static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /**
   * The next tag; the caller has made sure that the message is not at its end. As in protobuf-java,
   * of a longer number its lowest 32 bits count.
   */
  public int readTag(int end) {
    int start = position;
    // Fields 1 to 15, which almost all are.
    if (start < end && bytes[start] >= 8) {
      position = start + 1;
      return bytes[start];
    }
    int tag = (int) readVarint(end);
    if (tag >>> 3 == 0) {
      throw new MalformedOtlpException(start, "tag " + tag + " (expected: a field number above 0)");
    }
    return tag;
  }

  /**
   * Reads a length and returns where the value it announces ends; the position is its start. As in
   * protobuf-java, of a longer number its lowest 32 bits count.
   */
  public int readEnd(int end) {
    int start = position;
    if (start < end && bytes[start] >= 0 && bytes[start] < end - start) {
      position = start + 1;
      return start + 1 + bytes[start];
    }
    int length = (int) readVarint(end);
    if (length < 0 || length > end - position) {
      throw new MalformedOtlpException(
          start, "length " + length + " (expected: at most " + (end - position) + ")");
    }
    return position + length;
  }

  public long readVarint(int end) {
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

  /**
   * Notes a number that names nothing in the enum of its field.
   *
   * @param last the greatest number that does
   */
  void noteUnknownEnum(String field, int value, int last) {
    if (unknownEnums.isEmpty()) {
      unknownEnums = new TreeMap<>();
    }
    if (unknownEnums.size() < UNKNOWN_ENUMS_MAX) {
      unknownEnums.putIfAbsent(field, value + " (expected: 0 to " + last + ")");
    }
  }

  /** Fields with a number that names nothing, and the first one each had. */
  Map<String, String> unknownEnums() {
    return unknownEnums;
  }

  /** Adds to what a parser would take by now; see {@link Memory}. */
  void hold(long heapBytes) {
    memory += heapBytes;
  }

  /** Bytes that a parser would take of the heap for what was walked so far, about. */
  long memory() {
    return memory;
  }

  /** Skips the value that follows the tag, in a message that was checked before. */
  public void skip(int tag, int end) {
    skip(tag, end, 0);
  }

  /**
   * Skips the value that follows the tag.
   *
   * @param depth of what it is in: how many messages and groups that lies in
   */
  void skip(int tag, int end, int depth) {
    switch (tag & 7) {
      case VARINT -> {
        long unused = readVarint(end);
      }
      case FIXED64 -> advance(8, end);
      case LENGTH_DELIMITED -> position = readEnd(end);
      case FIXED32 -> advance(4, end);
      case START_GROUP -> skipGroup(tag >>> 3, end, depth + 1);
      default ->
          throw new MalformedOtlpException(position, "wire type " + (tag & 7) + " without a start");
    }
  }

  /** Skips a field that the parser does not know, and keeps. */
  void skipUnknown(int tag, int end, int depth) {
    int start = position;
    skip(tag, end, depth);
    memory += Memory.UNKNOWN_FIELD + position - start;
  }

  private void skipGroup(int field, int end, int depth) {
    if (depth > DEPTH_MAX) {
      throw new MalformedOtlpException(position, "groups nested over " + DEPTH_MAX + " deep");
    }
    while (position < end) {
      int tag = readTag(end);
      if ((tag & 7) == END_GROUP) {
        if (tag >>> 3 != field) {
          throw new MalformedOtlpException(position, "a group ended by another field");
        }
        return;
      }
      skipUnknown(tag, end, depth);
    }
    throw new MalformedOtlpException(position, "a group without its end");
  }

  private void advance(int count, int end) {
    if (end - position < count) {
      throw new MalformedOtlpException(
          position, (end - position) + " bytes left (expected: " + count + ")");
    }
    position += count;
  }
}
