package dev.tocsin.common.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the JSON codecs of this package share. */
final class Json {
  private Json() {}

  /**
   * The name as a record's key holds it, in UTF-8: halves of characters (lone surrogates) are
   * question marks there, while JSON keeps them. What is compared has to be what is stored.
   */
  static String asInKey(String name) {
    return new String(name.getBytes(UTF_8), UTF_8);
  }

  static JsonObject of(Map<String, String> texts) {
    JsonObject json = new JsonObject();
    new TreeMap<>(texts).forEach(json::put);
    return json;
  }

  static Map<String, String> texts(@Nullable JsonObject json) {
    Map<String, String> texts = new TreeMap<>();
    if (json != null) {
      json.forEach(entry -> texts.put(entry.getKey(), String.valueOf(entry.getValue())));
    }
    return texts;
  }

  static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }

  static <T> T decode(String what, byte[] bytes, Function<JsonObject, T> reader) {
    try {
      return reader.apply(new JsonObject(Buffer.buffer(bytes)));
    } catch (RuntimeException e) {
      throw new ContractException("no " + what + ": " + e.getMessage(), e);
    }
  }
}
