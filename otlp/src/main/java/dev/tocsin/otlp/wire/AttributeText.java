package dev.tocsin.otlp.wire;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Attribute values as text: what Prometheus labels, templates and search show. */
public final class AttributeText {
  private AttributeText() {}

  /** Texts as they are, numbers in decimal, bytes in base64, lists and maps as JSON. */
  public static String of(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case INT_VALUE -> Long.toString(value.getIntValue());
      case DOUBLE_VALUE -> Double.toString(value.getDoubleValue());
      case BYTES_VALUE -> base64(value.getBytesValue());
      case ARRAY_VALUE, KVLIST_VALUE -> String.valueOf(json(value));
      default -> "";
    };
  }

  private static @Nullable Object json(AnyValue value) {
    return switch (value.getValueCase()) {
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case ARRAY_VALUE -> {
        JsonArray array = new JsonArray();
        value.getArrayValue().getValuesList().forEach(element -> array.add(json(element)));
        yield array;
      }
      case KVLIST_VALUE -> {
        JsonObject object = new JsonObject();
        for (KeyValue entry : value.getKvlistValue().getValuesList()) {
          object.put(entry.getKey(), json(entry.getValue()));
        }
        yield object;
      }
      case VALUE_NOT_SET -> null;
      default -> of(value);
    };
  }

  private static String base64(ByteString bytes) {
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
