package dev.tocsin.ingest.json;

import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.Warning;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Protobuf bytes being written front to back. The length of a nested message is put in when the
 * message ends, by moving its bytes.
 */
final class ProtobufWriter {
  private static final int FIRST_BYTES = 4 << 10;

  private final int bytesMax;
  private final Allowance allowance;
  private final Set<Warning> warnings = EnumSet.noneOf(Warning.class);
  private byte[] bytes = {};
  private int position;

  ProtobufWriter(int bytesMax, Allowance allowance) {
    this.bytesMax = bytesMax;
    this.allowance = allowance;
  }

  byte[] toBytes() {
    return position == bytes.length ? bytes : Arrays.copyOf(bytes, position);
  }

  /** Notes what the sender should be told of the request being written. */
  void warn(Warning warning) {
    warnings.add(warning);
  }

  Set<Warning> warnings() {
    return warnings;
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
