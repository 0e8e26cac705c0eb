package dev.tocsin.otlp.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Recognises at a glance what most of OTLP consists of: a KeyValue of a key and a text, both ASCII
 * and shorter than 128 bytes, in this order and with nothing else. Whatever it does not recognise
 * must be checked field by field.
 */
final class PlainAttribute {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long NOT_ASCII = 0x8080808080808080L;

  private static final byte KEY = 0x0a;
  private static final byte VALUE = 0x12;
  private static final byte TEXT = 0x0a;

  /** How many messages there are in it: the KeyValue and its AnyValue. */
  static final int DEPTH = 2;

  private PlainAttribute() {}

  /** Whether the bytes are one. */
  static boolean is(byte[] bytes, int start, int end) {
    if (end - start < 6 || bytes[start] != KEY || bytes[start + 1] < 0) {
      return false;
    }
    int keyEnd = start + 2 + bytes[start + 1];
    int text = keyEnd + 4;
    return text <= end
        && bytes[keyEnd] == VALUE
        && bytes[keyEnd + 1] == end - keyEnd - 2
        && bytes[keyEnd + 2] == TEXT
        && bytes[keyEnd + 3] == end - text
        && isAscii(bytes, start + 2, keyEnd)
        && isAscii(bytes, text, end);
  }

  /** Eight bytes at a time, the last eight once more. */
  static boolean isAscii(byte[] bytes, int start, int end) {
    if (end - start < Long.BYTES) {
      int all = 0;
      for (int at = start; at < end; at++) {
        all |= bytes[at];
      }
      return all >= 0;
    }
    long all = (long) LONGS.get(bytes, end - Long.BYTES);
    for (int at = start; at < end - Long.BYTES; at += Long.BYTES) {
      all |= (long) LONGS.get(bytes, at);
    }
    return (all & NOT_ASCII) == 0;
  }
}
