package dev.tocsin.otlp.wire;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.ByteBuffer;

/** Whose items they are, for people: looked up only where something is wrong with them. */
final class ServiceName {
  private static final int RESOURCE = tag(1, LENGTH_DELIMITED);
  private static final int CHARS_MAX = 100;

  private ServiceName() {}

  /**
   * The {@code service.name} of a ResourceSpans, or of the same of other signals; empty when it has
   * none. It may be malformed as yet.
   */
  static String of(byte[] bytes, int start, int end) {
    String name = "";
    try {
      WireCursor cursor = new WireCursor(bytes, start);
      while (cursor.position() < end) {
        int tag = cursor.readTag(end);
        if (tag == RESOURCE) {
          int resourceEnd = cursor.readEnd(end);
          int length = resourceEnd - cursor.position();
          name = of(Resource.parseFrom(ByteBuffer.wrap(bytes, cursor.position(), length)), name);
          cursor.moveTo(resourceEnd);
        } else {
          cursor.skip(tag, end);
        }
      }
    } catch (MalformedOtlpException | InvalidProtocolBufferException malformed) {
      return "";
    }
    return name.length() <= CHARS_MAX ? name : name.substring(0, CHARS_MAX);
  }

  private static String of(Resource resource, String otherwise) {
    return resource.getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals("service.name"))
        .map(KeyValue::getValue)
        .map(AttributeText::of)
        .findFirst()
        .orElse(otherwise);
  }
}
