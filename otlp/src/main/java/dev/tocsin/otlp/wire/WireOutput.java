package dev.tocsin.otlp.wire;

/** Protobuf bytes being written into an array whose size was computed before. */
final class WireOutput {
  private final byte[] bytes;
  private int position;

  WireOutput(int size) {
    this.bytes = new byte[size];
  }

  /** Of a value of that length with a tag of one byte. */
  static int lengthDelimitedSize(int length) {
    int size = 2 + length;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      size++;
    }
    return size;
  }

  /** Of a value of that length and the length before it. */
  static int prefixedSize(int length) {
    return lengthDelimitedSize(length) - 1;
  }

  /** Writes a tag of one byte and a length. */
  void lengthDelimited(int tag, int length) {
    bytes[position++] = (byte) tag;
    length(length);
  }

  /** Writes a length. */
  void length(int length) {
    int rest = length;
    while (rest > 0x7f) {
      bytes[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[position++] = (byte) rest;
  }

  void bytes(byte[] source) {
    bytes(source, 0, source.length);
  }

  void bytes(byte[] source, int start, int end) {
    System.arraycopy(source, start, bytes, position, end - start);
    position += end - start;
  }

  /** Writes a text that is no UTF-8 so that it is. */
  void repaired(byte[] source, int start, int end, int length) {
    Utf8.repair(source, start, end, bytes, position);
    position += length;
  }

  byte[] toBytes() {
    return bytes;
  }
}
