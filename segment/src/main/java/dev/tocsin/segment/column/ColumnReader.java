package dev.tocsin.segment.column;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;

/** Reads what {@link ColumnWriter} wrote; every read past the end is a format error. */
public final class ColumnReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  public ColumnReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public ColumnReader(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.at = from;
    this.end = from + length;
  }

  public boolean hasMore() {
    return at < end;
  }

  public long unsigned() {
    if (at < end && bytes[at] >= 0) {
      return bytes[at++];
    }
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long octet = octet();
      value |= (octet & 0x7F) << shift;
      if (octet < 0x80) {
        return value;
      }
    }
    throw new SegmentFormatException("varint at " + at + " is longer than 10 bytes");
  }

  public long signed() {
    long value = unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  /** As many signed numbers as there are places: most of what is read, so without a call each. */
  public void signed(long[] into, int from, int to) {
    int next = at;
    for (int i = from; i < to; i++) {
      long value = 0;
      int shift = 0;
      long octet = -1;
      while (octet < 0 && next < end && shift < 64) {
        octet = bytes[next++];
        value |= (octet & 0x7F) << shift;
        shift += 7;
      }
      if (octet < 0) {
        throw new SegmentFormatException(
            "no varint ends at " + next + " (column ends at " + end + ")");
      }
      into[i] = (value >>> 1) ^ -(value & 1);
    }
    at = next;
  }

  /** A number of things still to come, each at least one byte or bounded by the caller. */
  public int count(int max) {
    long value = unsigned();
    if (value < 0 || value > max) {
      throw new SegmentFormatException("count " + value + " (expected: 0-" + max + ")");
    }
    return (int) value;
  }

  /** An index into something of that size. */
  public int index(int size) {
    long value = unsigned();
    if (value < 0 || value >= size) {
      throw new SegmentFormatException("index " + value + " (expected: below " + size + ")");
    }
    return (int) value;
  }

  public int octet() {
    need(1);
    return bytes[at++] & 0xFF;
  }

  public long fixed64() {
    need(8);
    long value = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      value |= (bytes[at++] & 0xFFL) << shift;
    }
    return value;
  }

  ByteString raw(int length) {
    need(length);
    ByteString value = ByteString.copyFrom(bytes, at, length);
    at += length;
    return value;
  }

  public ByteString bytes() {
    return raw(count(end - at));
  }

  public String text() {
    int length = count(end - at);
    need(length);
    String value = new String(bytes, at, length, UTF_8);
    at += length;
    return value;
  }

  /** Steps over bytes and returns where they begin in {@link #array}. */
  public int skip(int length) {
    need(length);
    at += length;
    return at - length;
  }

  /** Steps over variable-length integers. */
  public void skipVarints(int count) {
    int left = count;
    while (left > 0) {
      need(1);
      left -= bytes[at++] >= 0 ? 1 : 0;
    }
  }

  public byte[] array() {
    return bytes;
  }

  public int remaining() {
    return end - at;
  }

  private void need(int length) {
    if (length < 0 || end - at < length) {
      throw new SegmentFormatException(
          "column ends at " + end + " (expected: " + length + " bytes more at " + at + ")");
    }
  }
}
