package dev.tocsin.testkit.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * OTLP/JSON: lowerCamelCase names, 64-bit numbers as texts, ids in hex, enums as numbers. Unknown
 * fields are left out, as JSON has no way to say them.
 */
final class HostileJson {
  private final StringBuilder out = new StringBuilder();

  private HostileJson() {}

  static String of(Message message) {
    HostileJson json = new HostileJson();
    json.message(message);
    return json.out.toString();
  }

  static String quoted(String text) {
    HostileJson json = new HostileJson();
    json.text(text);
    return json.out.toString();
  }

  private void message(Message message) {
    char before = '{';
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      out.append(before);
      before = ',';
      text(entry.getKey().getJsonName());
      out.append(':');
      field(entry.getKey(), entry.getValue());
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private void field(FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      value(field, value);
      return;
    }
    char before = '[';
    for (Object each : (List<?>) value) {
      out.append(before);
      before = ',';
      value(field, each);
    }
    out.append(']');
  }

  private void value(FieldDescriptor field, Object value) {
    switch (field.getType()) {
      case MESSAGE -> message((Message) value);
      case STRING -> text((String) value);
      case BYTES -> text(bytes(field, (ByteString) value));
      case ENUM -> out.append(((EnumValueDescriptor) value).getNumber());
      case UINT64, FIXED64 -> text(Long.toUnsignedString((Long) value));
      case INT64, SINT64, SFIXED64 -> text(value.toString());
      case UINT32, FIXED32 -> out.append(Integer.toUnsignedString((Integer) value));
      case DOUBLE, FLOAT -> {
        if (Double.isFinite(((Number) value).doubleValue())) {
          out.append(value);
        } else {
          text(value.toString());
        }
      }
      default -> out.append(value);
    }
  }

  private static String bytes(FieldDescriptor field, ByteString value) {
    return field.getName().endsWith("_id")
        ? HexFormat.of().formatHex(value.toByteArray())
        : Base64.getEncoder().encodeToString(value.toByteArray());
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
