package dev.tocsin.storage.http;

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
 * Messages as OTLP/JSON: protobuf's JSON mapping, but ids in hexadecimal and enums as integers
 * (specification/protocol/otlp, JSON Protobuf Encoding). Absent fields are left out.
 */
final class OtlpJson {
  private static final Set<String> HEX_FIELDS = Set.of("trace_id", "span_id", "parent_span_id");

  private OtlpJson() {}

  static JsonObject of(Message message) {
    JsonObject json = new JsonObject();
    message
        .getAllFields()
        .forEach((field, value) -> json.put(field.getJsonName(), field(field, value)));
    return json;
  }

  private static Object field(FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      return single(field, value);
    }
    JsonArray array = new JsonArray();
    ((List<?>) value).forEach(element -> array.add(single(field, element)));
    return array;
  }

  private static Object single(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case MESSAGE -> of((Message) value);
      case ENUM -> ((EnumValueDescriptor) value).getNumber();
      case LONG ->
          field.getType() == FieldDescriptor.Type.FIXED64
                  || field.getType() == FieldDescriptor.Type.UINT64
              ? Long.toUnsignedString((Long) value)
              : Long.toString((Long) value);
      case INT ->
          field.getType() == FieldDescriptor.Type.FIXED32
                  || field.getType() == FieldDescriptor.Type.UINT32
              ? Integer.toUnsignedLong((Integer) value)
              : value;
      case DOUBLE, FLOAT -> number(((Number) value).doubleValue());
      case BYTE_STRING -> bytes(field, (ByteString) value);
      default -> value;
    };
  }

  private static Object number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return value;
  }

  private static String bytes(FieldDescriptor field, ByteString value) {
    return HEX_FIELDS.contains(field.getName())
        ? hex(value)
        : Base64.getEncoder().encodeToString(value.toByteArray());
  }

  static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
