package dev.tocsin.segment.core;

import java.util.Arrays;

/** Bytes of many messages one after another, so that a place in them is one number. */
public final class Arena {
  private byte[] bytes = new byte[1 << 16];
  private int size;

  /** Copies the bytes and returns where they begin. */
  int add(byte[] source, int from, int to) {
    int length = to - from;
    if (bytes.length - size < length) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, length), bytes.length * 2));
    }
    System.arraycopy(source, from, bytes, size, length);
    size += length;
    return size - length;
  }

  /** To be read up to {@link #size}; replaced when the arena grows. */
  public byte[] bytes() {
    return bytes;
  }

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  /** Bytes of memory. */
  int capacity() {
    return bytes.length;
  }
}
