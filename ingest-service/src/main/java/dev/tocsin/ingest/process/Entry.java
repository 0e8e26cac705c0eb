package dev.tocsin.ingest.process;

import static dev.tocsin.otlp.wire.WireCursor.LENGTH_DELIMITED;
import static dev.tocsin.otlp.wire.WireCursor.VARINT;
import static dev.tocsin.otlp.wire.WireCursor.tag;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.tocsin.otlp.wire.AttributeText;
import dev.tocsin.otlp.wire.Signal;
import dev.tocsin.otlp.wire.WireCursor;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** A span, metric or log record in the bytes of its request, as drop rules look at it. */
final class Entry {
  private static final int NONE = -1;
  private static final int KEY = tag(1, LENGTH_DELIMITED);

  private final byte[] bytes;
  private final Range resource;
  private final String service;
  private final int attributeTag;
  private final Range whole;
  private int nameStart = NONE;
  private int nameEnd;
  private int bodyStart = NONE;
  private int bodyEnd;
  private long severity;

  /** From the first byte to before the last. */
  record Range(int start, int end) {}

  /**
   * @param resource the Resource message; empty when there is none
   * @param service of the resource
   */
  Entry(Signal signal, byte[] bytes, Range whole, Range resource, String service) {
    this.bytes = bytes;
    this.whole = whole;
    this.resource = resource;
    this.service = service;
    this.attributeTag = tag(signal == Signal.LOGS ? 6 : 9, LENGTH_DELIMITED);
    int nameTag =
        tag(
            switch (signal) {
              case TRACES -> 5;
              case METRICS -> 1;
              case LOGS -> 12;
              case PROFILES -> throw new IllegalArgumentException("profiles have no rules");
            },
            LENGTH_DELIMITED);
    WireCursor cursor = new WireCursor(bytes, whole.start);
    while (cursor.position() < whole.end) {
      int tag = cursor.readTag(whole.end);
      if (tag == nameTag) {
        nameEnd = cursor.readEnd(whole.end);
        nameStart = cursor.position();
        cursor.moveTo(nameEnd);
      } else if (signal == Signal.LOGS && tag == tag(2, VARINT)) {
        severity = cursor.readVarint(whole.end);
      } else if (signal == Signal.LOGS && tag == tag(5, LENGTH_DELIMITED)) {
        bodyEnd = cursor.readEnd(whole.end);
        bodyStart = cursor.position();
        cursor.moveTo(bodyEnd);
      } else {
        cursor.skip(tag, whole.end);
      }
    }
  }

  boolean meets(DropRule rule) {
    return rule.service().map(pattern -> pattern.matches(service)).orElse(true)
        && rule.item().map(this::nameMatches).orElse(true)
        && rule.body().map(this::bodyMatches).orElse(true)
        && (rule.severityBelow() == 0 || (severity > 0 && severity < rule.severityBelow()))
        && hasAll(rule.attributes());
  }

  private boolean nameMatches(WholeTextPattern pattern) {
    return nameStart == NONE ? pattern.matches("") : pattern.matches(bytes, nameStart, nameEnd);
  }

  private boolean bodyMatches(WholeTextPattern pattern) {
    return bodyStart != NONE && pattern.matches(AttributeText.of(value(bytes, bodyStart, bodyEnd)));
  }

  private boolean hasAll(Map<String, WholeTextPattern> conditions) {
    for (Map.Entry<String, WholeTextPattern> condition : conditions.entrySet()) {
      byte[] key = condition.getKey().getBytes(StandardCharsets.UTF_8);
      if (!has(whole, attributeTag, key, condition.getValue())
          && !has(resource, tag(1, LENGTH_DELIMITED), key, condition.getValue())) {
        return false;
      }
    }
    return true;
  }

  private boolean has(Range message, int attribute, byte[] key, WholeTextPattern pattern) {
    WireCursor cursor = new WireCursor(bytes, message.start);
    while (cursor.position() < message.end) {
      int tag = cursor.readTag(message.end);
      if (tag != attribute) {
        cursor.skip(tag, message.end);
        continue;
      }
      int end = cursor.readEnd(message.end);
      Range range = new Range(cursor.position(), end);
      cursor.moveTo(end);
      Range found = key(bytes, range);
      if (Arrays.equals(bytes, found.start, found.end, key, 0, key.length)
          && pattern.matches(AttributeText.of(attribute(bytes, range).getValue()))) {
        return true;
      }
    }
    return false;
  }

  /** Where the key of a KeyValue is; an empty range when it has none. */
  static Range key(byte[] bytes, Range attribute) {
    WireCursor cursor = new WireCursor(bytes, attribute.start);
    Range key = new Range(attribute.start, attribute.start);
    while (cursor.position() < attribute.end) {
      int tag = cursor.readTag(attribute.end);
      if (tag == KEY) {
        int end = cursor.readEnd(attribute.end);
        key = new Range(cursor.position(), end);
        cursor.moveTo(end);
      } else {
        cursor.skip(tag, attribute.end);
      }
    }
    return key;
  }

  static KeyValue attribute(byte[] bytes, Range range) {
    try {
      return KeyValue.parseFrom(
          UnsafeByteOperations.unsafeWrap(bytes, range.start, range.end - range.start));
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException(e);
    }
  }

  private static AnyValue value(byte[] bytes, int start, int end) {
    try {
      return AnyValue.parseFrom(UnsafeByteOperations.unsafeWrap(bytes, start, end - start));
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException(e);
    }
  }

  /** A value that is no protobuf; the scan that follows names the place. */
  static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableException(InvalidProtocolBufferException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
