package dev.tocsin.ingest.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Utf8;
import dev.tocsin.otlp.wire.Warning;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Protobuf bytes being written front to back. The length of a nested message is put in when the
 * message ends, by moving its bytes.
 */
final class ProtobufWriter {
  private static final int FIRST_BYTES = 4 << 10;

  /** For people. */
  private static final int NAME_CHARS_MAX = 60;

  private final int bytesMax;
  private final Allowance allowance;
  private final boolean repaired;
  private final Map<Warning, String> warnings = new EnumMap<>(Warning.class);
  private int repairedTexts;
  private String firstRepaired = "";
  private String unknownField = "";
  private byte[] bytes = {};
  private int position;

  /**
   * @param repaired whether the request has U+FFFD for what was no UTF-8
   */
  ProtobufWriter(int bytesMax, Allowance allowance, boolean repaired) {
    this.bytesMax = bytesMax;
    this.repaired = repaired;
    this.allowance = allowance;
  }

  byte[] toBytes() {
    return position == bytes.length ? bytes : Arrays.copyOf(bytes, position);
  }

  /** Notes what the sender should be told of the request being written; the first detail stays. */
  void warn(Warning warning, String detail) {
    warnings.putIfAbsent(warning, detail);
  }

  Map<Warning, String> warnings() {
    return warnings;
  }

  /** A text, with U+FFFD for halves of characters, which are counted. */
  byte[] utf8(String field, String text) {
    byte[] encoded = text.getBytes(UTF_8);
    boolean broken = JsonText.isBroken(text, encoded);
    if (broken || (repaired && text.indexOf(JsonText.REPLACEMENT) >= 0)) {
      firstRepaired = repairedTexts == 0 ? field : firstRepaired;
      repairedTexts++;
      warnings.put(Warning.INVALID_UTF8, Utf8.told(repairedTexts, firstRepaired));
    }
    return broken ? JsonText.repaired(text).getBytes(UTF_8) : encoded;
  }

  int repairedTexts() {
    return repairedTexts;
  }

  /** Notes a field around items that is not known; the first one stays. */
  void noteUnknownField(String name) {
    if (unknownField.isEmpty()) {
      unknownField = name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX);
    }
  }

  String unknownField() {
    return unknownField;
  }

  void tag(int field, int wireType) {
    varint(field << 3 | wireType);
  }

  void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
  }

  void fixed32(int value) {
    room(4);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes[position++] = (byte) (value >>> shift);
    }
  }

  void fixed64(long value) {
    room(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[position++] = (byte) (value >>> shift);
    }
  }

  /** A length and that many bytes. */
  void lengthDelimited(byte[] value) {
    varint(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, position, value.length);
    position += value.length;
  }

  /** Begins a length-delimited value; give the answer to {@link #end}. */
  int begin() {
    room(1);
    return position++;
  }

  void end(int mark) {
    int length = position - mark - 1;
    int extra = 0;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      extra++;
    }
    if (extra > 0) {
      room(extra);
      System.arraycopy(bytes, mark + 1, bytes, mark + 1 + extra, length);
    }
    position = mark;
    varint(length);
    position += length;
  }

  private void room(int more) {
    if (bytes.length - position >= more) {
      return;
    }
    long needed = (long) position + more;
    if (needed > bytesMax) {
      throw new RefusedException(
          Reason.TOO_LARGE,
          "body: over " + bytesMax + " bytes as protobuf (expected: at most " + bytesMax + ")");
    }
    int size = (int) Math.min(bytesMax, Math.max(needed, Math.max(FIRST_BYTES, bytes.length * 2L)));
    if (!allowance.grow(size - bytes.length)) {
      throw new RefusedException(Reason.OVER_BUDGET, "too many bytes in flight; try again later");
    }
    bytes = Arrays.copyOf(bytes, size);
  }
}
