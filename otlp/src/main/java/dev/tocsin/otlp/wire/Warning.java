package dev.tocsin.otlp.wire;

/** What a sender should know of a request that is accepted all the same. */
public enum Warning {
  STRING_INDEX(
      "key_strindex or string_value_strindex is set, which only profiles may do; it is ignored"),
  ENUM_NAME("JSON with enum names (expected: their numbers)"),
  SNAKE_CASE("JSON with snake_case names (expected: lowerCamelCase)");

  private final String text;

  Warning(String text) {
    this.text = text;
  }

  /** For the sender. */
  public String text() {
    return text;
  }
}
