package dev.tocsin.common.otlp;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnsafeByteOperations;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a message's fields hold, as far as a parser could stumble over it: texts that must be UTF-8,
 * messages, packed numbers. With it bytes are checked to be parsable without being parsed, so that
 * what was accepted can be read by every consumer. As in protobuf, unknown fields and known ones
 * with another wire type are stepped over. Immutable; derived once from the generated descriptors.
 */
final class WireSchema {
  private static final Set<String> STRING_INDEXES =
      Set.of(
          "opentelemetry.proto.common.v1.KeyValue.key_strindex",
          "opentelemetry.proto.common.v1.AnyValue.string_value_strindex");

  private enum Kind {
    OTHER,
    /** A text as an index; allowed in profiles only. */
    STRING_INDEX,
    TEXT,
    MESSAGE,
    /** A KeyValue, which is what there is most of. */
    ATTRIBUTE,
    PACKED_VARINT,
    PACKED_FIXED32,
    PACKED_FIXED64
  }

  private final String name;
  private final Kind[] kinds;
  private final WireSchema[] children;

  private WireSchema(String name, int fieldNumberMax) {
    this.name = name;
    this.kinds = new Kind[fieldNumberMax + 1];
    this.children = new WireSchema[fieldNumberMax + 1];
  }

  static WireSchema of(Descriptor descriptor) {
    return of(descriptor, new HashMap<>());
  }

  private static WireSchema of(Descriptor descriptor, Map<String, WireSchema> known) {
    WireSchema done = known.get(descriptor.getFullName());
    if (done != null) {
      return done;
    }
    int max = descriptor.getFields().stream().mapToInt(FieldDescriptor::getNumber).max().orElse(0);
    WireSchema schema = new WireSchema(descriptor.getName(), max);
    // Before its fields: messages contain themselves.
    known.put(descriptor.getFullName(), schema);
    for (FieldDescriptor field : descriptor.getFields()) {
      schema.kinds[field.getNumber()] = kind(field);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        schema.children[field.getNumber()] = of(field.getMessageType(), known);
      }
    }
    return schema;
  }

  private static Kind kind(FieldDescriptor field) {
    if (STRING_INDEXES.contains(field.getFullName())) {
      return Kind.STRING_INDEX;
    }
    return switch (field.getType()) {
      case STRING -> Kind.TEXT;
      case MESSAGE ->
          field.getMessageType() == KeyValue.getDescriptor() ? Kind.ATTRIBUTE : Kind.MESSAGE;
      case BYTES, GROUP -> Kind.OTHER;
      case DOUBLE, FIXED64, SFIXED64 -> field.isRepeated() ? Kind.PACKED_FIXED64 : Kind.OTHER;
      case FLOAT, FIXED32, SFIXED32 -> field.isRepeated() ? Kind.PACKED_FIXED32 : Kind.OTHER;
      default -> field.isRepeated() ? Kind.PACKED_VARINT : Kind.OTHER;
    };
  }

  /** The schema of a field that holds messages. */
  WireSchema child(int field) {
    return children[field];
  }

  /**
   * Checks the fields up to the end.
   *
   * @param depth of this message: how many messages it lies in
   */
  void check(WireCursor cursor, int end, int depth) {
    if (depth > WireCursor.DEPTH_MAX) {
      throw new MalformedOtlpException(
          cursor.position(), "messages nested over " + WireCursor.DEPTH_MAX + " deep");
    }
    while (cursor.position() < end) {
      checkField(cursor, cursor.readTag(end), end, depth);
    }
  }

  /** Checks the value that follows the tag. */
  void checkField(WireCursor cursor, int tag, int end, int depth) {
    int field = tag >>> 3;
    Kind kind = field < kinds.length ? kinds[field] : null;
    if ((tag & 7) != WireCursor.LENGTH_DELIMITED || kind == null) {
      if (kind == Kind.STRING_INDEX && (tag & 7) == WireCursor.VARINT) {
        cursor.noteStringIndex();
      }
      cursor.skip(tag, end, depth);
      return;
    }
    int start = cursor.position();
    int valueEnd = cursor.readEnd(end);
    switch (kind) {
      case MESSAGE -> children[field].check(cursor, valueEnd, depth + 1);
      case ATTRIBUTE -> {
        if (depth + PlainAttribute.DEPTH <= WireCursor.DEPTH_MAX
            && PlainAttribute.is(cursor.bytes(), cursor.position(), valueEnd)) {
          cursor.moveTo(valueEnd);
        } else {
          children[field].check(cursor, valueEnd, depth + 1);
        }
      }
      case TEXT -> {
        if (!isUtf8(cursor.bytes(), cursor.position(), valueEnd)) {
          throw new MalformedOtlpException(start, "a text of " + name + " that is no UTF-8");
        }
        cursor.moveTo(valueEnd);
      }
      case PACKED_VARINT -> {
        while (cursor.position() < valueEnd) {
          long unused = cursor.readVarint(valueEnd);
        }
      }
      case PACKED_FIXED32 -> {
        int unused = wholeNumbers(cursor, valueEnd, Integer.BYTES);
      }
      case PACKED_FIXED64 -> {
        int unused = wholeNumbers(cursor, valueEnd, Long.BYTES);
      }
      case OTHER, STRING_INDEX -> cursor.moveTo(valueEnd);
    }
  }

  /** Steps over packed numbers up to the end and returns how many they are. */
  int wholeNumbers(WireCursor cursor, int end, int size) {
    int length = end - cursor.position();
    if (length % size != 0) {
      throw new MalformedOtlpException(
          cursor.position(),
          "numbers of " + name + " in " + length + " bytes (expected: a multiple of " + size + ")");
    }
    cursor.moveTo(end);
    return length / size;
  }

  /** Almost all texts are ASCII, which is told quickly. */
  private static boolean isUtf8(byte[] bytes, int start, int end) {
    return PlainAttribute.isAscii(bytes, start, end)
        || UnsafeByteOperations.unsafeWrap(bytes, start, end - start).isValidUtf8();
  }
}
