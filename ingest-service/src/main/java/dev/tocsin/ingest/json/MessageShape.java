package dev.tocsin.ingest.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the transcoder must know of a message type, by the names its fields have in JSON. */
final class MessageShape {
  /** Byte fields that OTLP's JSON writes as hex instead of base64. */
  private static final Set<String> HEX_FIELDS = Set.of("trace_id", "span_id", "parent_span_id");

  private final Map<String, Field> fields = new HashMap<>();
  private final Map<String, Field> snakeCaseFields = new HashMap<>();

  private MessageShape() {}

  /** Of the message type and all it contains. */
  static MessageShape of(Descriptor descriptor) {
    return of(descriptor, new HashMap<>());
  }

  private static MessageShape of(Descriptor descriptor, Map<String, MessageShape> known) {
    MessageShape existing = known.get(descriptor.getFullName());
    if (existing != null) {
      return existing;
    }
    MessageShape shape = new MessageShape();
    known.put(descriptor.getFullName(), shape);
    for (FieldDescriptor field : descriptor.getFields()) {
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      Field described =
          new Field(
              field.getJsonName(),
              field.getNumber(),
              field.getType(),
              field.isRepeated(),
              HEX_FIELDS.contains(field.getName()),
              message ? of(field.getMessageType(), known) : null,
              enumNumbers(field));
      shape.fields.put(field.getJsonName(), described);
      if (!field.getName().equals(field.getJsonName())) {
        shape.snakeCaseFields.put(field.getName(), described);
      }
    }
    return shape;
  }

  private static Map<String, Integer> enumNumbers(FieldDescriptor field) {
    Map<String, Integer> numbers = new HashMap<>();
    if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
      for (EnumValueDescriptor value : field.getEnumType().getValues()) {
        numbers.put(value.getName(), value.getNumber());
      }
    }
    return numbers;
  }

  /** By lowerCamelCase name; null for a field this version does not know. */
  @Nullable Field field(String name) {
    return fields.get(name);
  }

  /** By snake_case name, where it differs. */
  @Nullable Field snakeCaseField(String name) {
    return snakeCaseFields.get(name);
  }

  /**
   * @param message of the field's values, when they are messages
   * @param enumNumbers by name, when they are enum constants
   */
  record Field(
      String name,
      int number,
      FieldDescriptor.Type type,
      boolean repeated,
      boolean hex,
      @Nullable MessageShape message,
      Map<String, Integer> enumNumbers) {

    /** Repeated numbers share one length-delimited value. */
    boolean packed() {
      return repeated && wireType() != 2;
    }

    int wireType() {
      return switch (type) {
        case DOUBLE, FIXED64, SFIXED64 -> 1;
        case FLOAT, FIXED32, SFIXED32 -> 5;
        case STRING, BYTES, MESSAGE, GROUP -> 2;
        case INT64, UINT64, SINT64, INT32, UINT32, SINT32, BOOL, ENUM -> 0;
      };
    }
  }
}
