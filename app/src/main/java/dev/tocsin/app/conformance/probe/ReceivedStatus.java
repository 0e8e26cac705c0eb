package dev.tocsin.app.conformance.probe;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A {@code google.rpc.Status}, read as strictly as needed to tell it from any other text.
 *
 * @param details type URLs
 */
public record ReceivedStatus(String message, List<String> details) {
  private static final Set<String> JSON_FIELDS = Set.of("code", "message", "details");

  /** Empty when the bytes are none. */
  public static Optional<ReceivedStatus> protobuf(byte[] bytes) {
    try {
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(bytes);
      String message = "";
      List<String> details = new ArrayList<>();
      for (var field : fields.asMap().entrySet()) {
        List<ByteString> values = field.getValue().getLengthDelimitedList();
        switch (field.getKey()) {
          case 1 -> {
            if (field.getValue().getVarintList().isEmpty()) {
              return Optional.empty();
            }
          }
          case 2 -> {
            if (values.isEmpty() || !values.get(values.size() - 1).isValidUtf8()) {
              return Optional.empty();
            }
            message = values.get(values.size() - 1).toStringUtf8();
          }
          case 3 -> {
            for (ByteString value : values) {
              details.add(typeUrl(value));
            }
          }
          default -> {
            return Optional.empty();
          }
        }
      }
      return Optional.of(new ReceivedStatus(message, details));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  /** Empty when the text is none; both spellings of a field's name are taken. */
  public static Optional<ReceivedStatus> json(byte[] bytes) {
    try {
      JsonObject object = new JsonObject(new String(bytes, StandardCharsets.UTF_8));
      if (!JSON_FIELDS.containsAll(object.fieldNames())) {
        return Optional.empty();
      }
      Object message = object.getValue("message", "");
      Object code = object.getValue("code", 0);
      if (!(message instanceof String text) || !(code instanceof Number)) {
        return Optional.empty();
      }
      List<String> details = new ArrayList<>();
      for (Object detail : object.getJsonArray("details", new JsonArray())) {
        if (detail instanceof JsonObject any) {
          details.add(String.valueOf(any.getValue("@type")));
        }
      }
      return Optional.of(new ReceivedStatus(text, details));
    } catch (DecodeException | ClassCastException e) {
      return Optional.empty();
    }
  }

  /** Whether there is a detail of the type, such as {@code BadRequest}. */
  public boolean has(String type) {
    return details.stream().anyMatch(url -> url.endsWith("google.rpc." + type));
  }

  private static String typeUrl(ByteString any) throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(any).getField(1).getLengthDelimitedList().stream()
        .findFirst()
        .map(ByteString::toStringUtf8)
        .orElse("");
  }
}
