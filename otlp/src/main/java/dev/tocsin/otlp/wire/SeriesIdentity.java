package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/**
 * What names the series of a resource, which each of them repeats: its service attributes, and
 * where its name or instance is not among them the others that identify it. Used once.
 */
final class SeriesIdentity {
  private static final int FIELD_1 = tag(1, LENGTH_DELIMITED);
  private static final String SERVICE = "service.";

  /** No key that identifies anything is longer. */
  private static final int KEY_BYTES_MAX = 256;

  /** Others than those of services are labels up to so many characters only. */
  private static final int OTHERS_MAX = 4 * 4_096;

  private final @Nullable LabelLimit limit;
  private boolean named;
  private boolean instance;
  private int service;
  private int others;

  private SeriesIdentity(@Nullable LabelLimit limit) {
    this.limit = limit;
  }

  /**
   * How many bytes of a Resource do; it may be malformed as yet.
   *
   * @param limit knows what identifies; without it anything may
   */
  static int length(@Nullable LabelLimit limit, byte[] bytes, int start, int end) {
    SeriesIdentity identity = new SeriesIdentity(limit);
    WireCursor cursor = new WireCursor(bytes, start);
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int attributeEnd = cursor.readEnd(end);
        identity.add(key(cursor, attributeEnd), attributeEnd - cursor.position());
        cursor.moveTo(attributeEnd);
      } else {
        cursor.skip(tag, end);
      }
    }
    return identity.length();
  }

  /** The key of a KeyValue, wherever in it that stands; empty when there is none or it is long. */
  private static String key(WireCursor attribute, int end) {
    WireCursor cursor = new WireCursor(attribute.bytes(), attribute.position());
    String found = "";
    while (cursor.position() < end) {
      int tag = cursor.readTag(end);
      if (tag == FIELD_1) {
        int keyEnd = cursor.readEnd(end);
        int length = keyEnd - cursor.position();
        found =
            length <= KEY_BYTES_MAX
                ? new String(cursor.bytes(), cursor.position(), length, UTF_8)
                : "";
        cursor.moveTo(keyEnd);
      } else {
        cursor.skip(tag, end);
      }
    }
    return found;
  }

  private void add(String key, int length) {
    if (key.startsWith(SERVICE)) {
      named |= key.equals("service.name");
      instance |= key.equals("service.instance.id");
      service += length;
    } else if (!key.isEmpty() && (limit == null || limit.identifies(key))) {
      others += length;
    }
  }

  private int length() {
    return named && instance ? service : service + Math.min(others, OTHERS_MAX);
  }
}
