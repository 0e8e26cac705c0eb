package dev.tocsin.testkit.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Writes protobuf without message objects, so that millions of spans are made in seconds. Nested
 * messages are written in place and moved to make room for their length. Not thread-safe.
 */
final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH_DELIMITED = 2;
  private static final int FIXED32 = 5;

  private byte[] bytes = new byte[1 << 16];
  private int size;
  private int[] open = new int[16];
  private int depth;

  void begin(int field) {
    tag(field, LENGTH_DELIMITED);
    if (depth == open.length) {
      open = Arrays.copyOf(open, depth * 2);
    }
    open[depth++] = size;
  }

  void end() {
    int from = open[--depth];
    int length = size - from;
    int prefix = 1;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      prefix++;
    }
    ensure(prefix);
    System.arraycopy(bytes, from, bytes, from + prefix, length);
    size = from;
    rawVarint(length);
    size += length;
  }

  void varint(int field, long value) {
    tag(field, VARINT);
    rawVarint(value);
  }

  void fixed64(int field, long value) {
    tag(field, FIXED64);
    ensure(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  void fixed32(int field, int value) {
    tag(field, FIXED32);
    ensure(4);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
  }

  void decimal(int field, double value) {
    fixed64(field, Double.doubleToRawLongBits(value));
  }

  void text(int field, String value) {
    bytes(field, value.getBytes(UTF_8));
  }

  void bytes(int field, byte[] value) {
    tag(field, LENGTH_DELIMITED);
    rawVarint(value.length);
    ensure(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  /** A trace or span id, big-endian. */
  void id(int field, long... halves) {
    tag(field, LENGTH_DELIMITED);
    rawVarint(8L * halves.length);
    ensure(8 * halves.length);
    for (long half : halves) {
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes[size++] = (byte) (half >>> shift);
      }
    }
  }

  /** An OTLP {@code KeyValue} of a text. */
  void attribute(int field, String key, String value) {
    begin(field);
    text(1, key);
    begin(2);
    text(1, value);
    end();
    end();
  }

  /** An OTLP {@code KeyValue} of a whole number. */
  void attribute(int field, String key, long value) {
    begin(field);
    text(1, key);
    begin(2);
    varint(3, value);
    end();
    end();
  }

  /** An OTLP {@code KeyValue} of a truth value. */
  void attribute(int field, String key, boolean value) {
    begin(field);
    text(1, key);
    begin(2);
    varint(2, value ? 1 : 0);
    end();
    end();
  }

  int size() {
    return size;
  }

  /** What was written; the writer is empty afterwards. */
  byte[] take() {
    byte[] taken = Arrays.copyOf(bytes, size);
    size = 0;
    return taken;
  }

  private void tag(int field, int wireType) {
    rawVarint((long) field << 3 | wireType);
  }

  private void rawVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void ensure(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}
