package dev.tocsin.ingest.body;

/** Numbers as compressed formats write them. The caller has checked that the bytes are there. */
final class LittleEndian {
  private LittleEndian() {}

  static int unsigned24(byte[] bytes, int position) {
    return (bytes[position] & 0xff)
        | (bytes[position + 1] & 0xff) << 8
        | (bytes[position + 2] & 0xff) << 16;
  }

  static long unsignedInt(byte[] bytes, int position) {
    return unsigned24(bytes, position) | (bytes[position + 3] & 0xffL) << 24;
  }
}
