package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/** What names the series of a resource, which each of them repeats: its service attributes. */
final class SeriesIdentity {
  private static final int FIELD_1 = tag(1, LENGTH_DELIMITED);
  private static final byte[] SERVICE = "service.".getBytes(US_ASCII);

  private SeriesIdentity() {}

  /** How many bytes of a Resource do; it may be malformed as yet. */
  static int length(byte[] bytes, int start, int end) {
    WireCursor cursor = new WireCursor(bytes, start);
    int length = 0;
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int attributeEnd = cursor.readEnd(end);
        length += isService(cursor, attributeEnd) ? attributeEnd - cursor.position() : 0;
        cursor.moveTo(attributeEnd);
      } else {
        cursor.skip(tag, end);
      }
    }
    return length;
  }

  /** Whether a KeyValue has such a key, wherever in it that stands. */
  private static boolean isService(WireCursor attribute, int end) {
    WireCursor cursor = new WireCursor(attribute.bytes(), attribute.position());
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int keyEnd = cursor.readEnd(end);
        int key = cursor.position();
        int length = Math.min(keyEnd - key, SERVICE.length);
        if (Arrays.equals(cursor.bytes(), key, key + length, SERVICE, 0, SERVICE.length)) {
          return true;
        }
        cursor.moveTo(keyEnd);
      } else {
        cursor.skip(tag, end);
      }
    }
    return false;
  }
}
