package dev.tocsin.segment.column;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/** A growing byte array with the few encodings columns are made of. Not thread-safe. */
public final class ColumnWriter {
  private byte[] bytes = new byte[256];
  private int size;

  /** Unsigned variable-length integer, 7 bits a byte, low bits first. */
  public void unsigned(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Zig-zag variable-length integer: short for small values of either sign. */
  public void signed(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  public void octet(int value) {
    ensure(1);
    bytes[size++] = (byte) value;
  }

  /** Eight bytes, low byte first. */
  public void fixed64(long value) {
    ensure(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  public void raw(byte[] value) {
    ensure(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  public void raw(byte[] source, int from, int to) {
    ensure(to - from);
    System.arraycopy(source, from, bytes, size, to - from);
    size += to - from;
  }

  public void raw(ColumnWriter other) {
    raw(other.bytes, 0, other.size);
  }

  public void raw(ByteString value) {
    ensure(value.size());
    value.copyTo(bytes, size);
    size += value.size();
  }

  /** Length, then the bytes. */
  public void bytes(ByteString value) {
    unsigned(value.size());
    raw(value);
  }

  /** Length, then UTF-8. */
  public void text(String value) {
    byte[] encoded = value.getBytes(UTF_8);
    unsigned(encoded.length);
    raw(encoded);
  }

  public int size() {
    return size;
  }

  /** To be read up to {@link #size}; replaced when the column grows. */
  public byte[] array() {
    return bytes;
  }

  public void clear() {
    size = 0;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}
