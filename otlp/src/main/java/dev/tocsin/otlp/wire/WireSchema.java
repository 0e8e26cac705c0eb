package dev.tocsin.otlp.wire;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.UnsafeByteOperations;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a message's fields hold, as far as a parser could stumble over it: texts that must be UTF-8,
 * messages, packed numbers, and how much memory they would take. With it bytes are checked to be
 * parsable without being parsed, so that what was accepted can be read by every consumer. As in
 * protobuf, unknown fields and known ones with another wire type are stepped over. Immutable;
 * derived once from the generated descriptors.
 */
final class WireSchema {
  private static final Set<String> STRING_INDEXES =
      Set.of(
          "opentelemetry.proto.common.v1.KeyValue.key_strindex",
          "opentelemetry.proto.common.v1.AnyValue.string_value_strindex");

  private enum Kind {
    NUMBER,
    BYTES,
    /** A text as an index; allowed in profiles only. */
    STRING_INDEX,
    /** A number of which some have names. */
    ENUM,
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

  /** Of fields that hold numbers: the tag of one, and its memory. */
  private final int[] numberTags;

  private final int[] numberBytes;

  /** Of fields that hold enums: a bit for each number that has a name. */
  private final long[] named;

  private final String[] names;
  private final int emptyBytes;
  private final int fullBytes;

  private WireSchema(Descriptor descriptor, int fieldNumberMax) {
    this.name = descriptor.getName();
    this.kinds = new Kind[fieldNumberMax + 1];
    this.children = new WireSchema[fieldNumberMax + 1];
    this.numberTags = new int[fieldNumberMax + 1];
    this.numberBytes = new int[fieldNumberMax + 1];
    this.named = new long[fieldNumberMax + 1];
    this.names = new String[fieldNumberMax + 1];
    this.emptyBytes = Memory.ofEmpty(descriptor);
    this.fullBytes = emptyBytes + Memory.ofLists(descriptor);
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
    WireSchema schema = new WireSchema(descriptor, max);
    // Before its fields: messages contain themselves.
    known.put(descriptor.getFullName(), schema);
    for (FieldDescriptor field : descriptor.getFields()) {
      schema.kinds[field.getNumber()] = kind(field);
      schema.numberTags[field.getNumber()] = numberTag(field);
      schema.numberBytes[field.getNumber()] = Memory.ofNumber(field);
      schema.named[field.getNumber()] = named(field);
      schema.names[field.getNumber()] = descriptor.getName() + "." + field.getJsonName();
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        schema.children[field.getNumber()] = of(field.getMessageType(), known);
      }
    }
    return schema;
  }

  /** No enum of OTLP has numbers beyond those that fit; such would count as unknown. */
  private static long named(FieldDescriptor field) {
    long bits = 0;
    if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
      for (EnumValueDescriptor value : field.getEnumType().getValues()) {
        bits |= value.getNumber() < Long.SIZE ? 1L << value.getNumber() : 0;
      }
    }
    return bits;
  }

  private static Kind kind(FieldDescriptor field) {
    if (STRING_INDEXES.contains(field.getFullName())) {
      return Kind.STRING_INDEX;
    }
    return switch (field.getType()) {
      case STRING -> Kind.TEXT;
      case MESSAGE ->
          field.getMessageType() == KeyValue.getDescriptor() ? Kind.ATTRIBUTE : Kind.MESSAGE;
      case BYTES, GROUP -> Kind.BYTES;
      case ENUM -> field.isRepeated() ? Kind.PACKED_VARINT : Kind.ENUM;
      case DOUBLE, FIXED64, SFIXED64 -> field.isRepeated() ? Kind.PACKED_FIXED64 : Kind.NUMBER;
      case FLOAT, FIXED32, SFIXED32 -> field.isRepeated() ? Kind.PACKED_FIXED32 : Kind.NUMBER;
      default -> field.isRepeated() ? Kind.PACKED_VARINT : Kind.NUMBER;
    };
  }

  /** Of a single number, also where they are usually packed; 0, which no tag is, for the others. */
  private static int numberTag(FieldDescriptor field) {
    int wireType = field.getLiteType().getWireType();
    boolean number =
        wireType != WireCursor.LENGTH_DELIMITED && field.getType() != FieldDescriptor.Type.GROUP;
    return number ? WireCursor.tag(field.getNumber(), wireType) : 0;
  }

  /** Counts the memory of the message at the cursor; {@link #check} does so itself. */
  void hold(WireCursor cursor, int end) {
    cursor.hold(cursor.position() < end ? fullBytes : emptyBytes);
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
    hold(cursor, end);
    while (cursor.position() < end) {
      checkField(cursor, cursor.readTag(end), end, depth);
    }
  }

  /** Checks the value that follows the tag. */
  void checkField(WireCursor cursor, int tag, int end, int depth) {
    int field = tag >>> 3;
    Kind kind = field < kinds.length ? kinds[field] : null;
    if (kind == null) {
      cursor.skipUnknown(tag, end, depth);
      return;
    }
    if ((tag & 7) != WireCursor.LENGTH_DELIMITED) {
      checkNumber(cursor, tag, end, depth);
      return;
    }
    int start = cursor.position();
    int valueEnd = cursor.readEnd(end);
    switch (kind) {
      case MESSAGE -> children[field].check(cursor, valueEnd, depth + 1);
      case ATTRIBUTE -> {
        if (depth + PlainAttribute.DEPTH <= WireCursor.DEPTH_MAX
            && PlainAttribute.is(cursor.bytes(), cursor.position(), valueEnd)) {
          cursor.hold(Memory.PLAIN_ATTRIBUTE + (valueEnd - start));
          cursor.moveTo(valueEnd);
        } else {
          children[field].check(cursor, valueEnd, depth + 1);
        }
      }
      case TEXT -> {
        cursor.hold(Memory.TEXT + textBytes(cursor.bytes(), cursor.position(), valueEnd));
        cursor.moveTo(valueEnd);
      }
      case BYTES -> {
        cursor.hold(Memory.TEXT + valueEnd - start);
        cursor.moveTo(valueEnd);
      }
      case PACKED_VARINT -> {
        while (cursor.position() < valueEnd) {
          long unused = cursor.readVarint(valueEnd);
          cursor.hold(Memory.NUMBER);
        }
      }
      case PACKED_FIXED32 -> {
        int unused = wholeNumbers(cursor, valueEnd, Integer.BYTES);
      }
      case PACKED_FIXED64 -> {
        int unused = wholeNumbers(cursor, valueEnd, Long.BYTES);
      }
      case NUMBER, ENUM, STRING_INDEX -> {
        cursor.hold(Memory.UNKNOWN_FIELD + valueEnd - start);
        cursor.moveTo(valueEnd);
      }
    }
  }

  private void checkNumber(WireCursor cursor, int tag, int end, int depth) {
    int field = tag >>> 3;
    if (tag != numberTags[field]) {
      cursor.skipUnknown(tag, end, depth);
      return;
    }
    if (kinds[field] == Kind.STRING_INDEX) {
      cursor.noteStringIndex();
    }
    cursor.hold(numberBytes[field]);
    if (kinds[field] == Kind.ENUM) {
      checkEnum(cursor, field, end);
    } else {
      cursor.skip(tag, end, depth);
    }
  }

  /** As in protobuf, of a longer number its lowest 32 bits count. */
  private void checkEnum(WireCursor cursor, int field, int end) {
    int value = (int) cursor.readVarint(end);
    if (value < 0 || value >= Long.SIZE || (named[field] >>> value & 1) == 0) {
      cursor.noteUnknownEnum(
          names[field], value, Long.SIZE - 1 - Long.numberOfLeadingZeros(named[field]));
    }
  }

  /** Whether this version has a field of that tag: its number and wire type. */
  boolean knows(int tag) {
    int field = tag >>> 3;
    return field < kinds.length
        && kinds[field] != null
        && (tag == numberTags[field] || (tag & 7) == WireCursor.LENGTH_DELIMITED);
  }

  /** The field of a tag, for people: its name, or the message and its number. */
  String name(int tag) {
    int field = tag >>> 3;
    String known = field < names.length ? names[field] : null;
    return known == null ? name + " field " + field : known;
  }

  /** Whether the field holds texts. */
  boolean isText(int tag) {
    return knows(tag) && kinds[tag >>> 3] == Kind.TEXT && (tag & 7) == WireCursor.LENGTH_DELIMITED;
  }

  /** The schema of the messages a field holds, or null when it holds none. */
  @Nullable WireSchema messages(int tag) {
    return (tag & 7) == WireCursor.LENGTH_DELIMITED && knows(tag) ? children[tag >>> 3] : null;
  }

  /** Steps over packed numbers up to the end and returns how many they are. */
  int wholeNumbers(WireCursor cursor, int end, int size) {
    int length = end - cursor.position();
    if (length % size != 0) {
      throw new MalformedOtlpException(
          cursor.position(),
          "numbers of " + name + " in " + length + " bytes (expected: a multiple of " + size + ")");
    }
    cursor.hold((long) Memory.NUMBER * (length / size));
    cursor.moveTo(end);
    return length / size;
  }

  /**
   * The bytes of a text in memory: twice as many as here when it is not all ASCII, at most. Almost
   * all texts are, which is told quickly.
   */
  private int textBytes(byte[] bytes, int start, int end) {
    if (PlainAttribute.isAscii(bytes, start, end)) {
      return end - start;
    }
    if (!UnsafeByteOperations.unsafeWrap(bytes, start, end - start).isValidUtf8()) {
      throw MalformedOtlpException.ofText(start, name);
    }
    return 2 * (end - start);
  }
}
