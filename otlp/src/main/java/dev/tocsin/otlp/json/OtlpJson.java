package dev.tocsin.otlp.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Writes messages as OTLP/JSON: protobuf's JSON mapping, but ids in hexadecimal and enums as
 * numbers (specification/protocol/otlp, JSON Protobuf Encoding). Absent fields are left out.
 *
 * @param upperCaseHex how ids are written
 * @param longsAsText 64-bit integers as strings, as protobuf recommends, or as numbers
 * @param intsAsText 32-bit integers and enums stay numbers, or integers become strings
 * @param doublesAsText floating point numbers as strings
 */
public record OtlpJson(
    boolean upperCaseHex, boolean longsAsText, boolean intsAsText, boolean doublesAsText) {
  private static final Set<String> HEXADECIMAL = Set.of("trace_id", "span_id", "parent_span_id");

  /** As exporters write. */
  public static final OtlpJson USUAL = new OtlpJson(false, true, false, false);

  /** An id as JSON shows it. */
  public static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  public JsonObject write(Message message) {
    JsonObject object = new JsonObject();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (!field.isRepeated()) {
                object.put(field.getJsonName(), value(field, value));
                return;
              }
              JsonArray array = new JsonArray();
              ((List<?>) value).forEach(item -> array.add(value(field, item)));
              object.put(field.getJsonName(), array);
            });
    return object;
  }

  private Object value(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case MESSAGE -> write((Message) value);
      case ENUM -> ((EnumValueDescriptor) value).getNumber();
      case BYTE_STRING -> bytes(field, (ByteString) value);
      case LONG -> longsAsText ? unsigned(field, (Long) value) : value;
      case INT -> integer(field, (Integer) value);
      case DOUBLE, FLOAT -> number((Number) value);
      case STRING, BOOLEAN -> value;
    };
  }

  private static String unsigned(FieldDescriptor field, long value) {
    boolean signed =
        field.getType() == FieldDescriptor.Type.INT64
            || field.getType() == FieldDescriptor.Type.SFIXED64
            || field.getType() == FieldDescriptor.Type.SINT64;
    return signed ? Long.toString(value) : Long.toUnsignedString(value);
  }

  private Object integer(FieldDescriptor field, int value) {
    boolean signed =
        field.getType() == FieldDescriptor.Type.INT32
            || field.getType() == FieldDescriptor.Type.SFIXED32
            || field.getType() == FieldDescriptor.Type.SINT32;
    long number = signed ? value : Integer.toUnsignedLong(value);
    return intsAsText ? Long.toString(number) : number;
  }

  private String bytes(FieldDescriptor field, ByteString value) {
    if (!HEXADECIMAL.contains(field.getName())) {
      return Base64.getEncoder().encodeToString(value.toByteArray());
    }
    HexFormat hex = upperCaseHex ? HexFormat.of().withUpperCase() : HexFormat.of();
    return hex.formatHex(value.toByteArray());
  }

  private Object number(Number value) {
    double number = value.doubleValue();
    return doublesAsText || Double.isNaN(number) || Double.isInfinite(number)
        ? Double.toString(number)
        : value;
  }
}
