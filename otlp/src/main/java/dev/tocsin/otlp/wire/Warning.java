package dev.tocsin.otlp.wire;

import java.util.Locale;

/** What a sender should know of a request that is accepted all the same. */
public enum Warning {
  STRING_INDEX(
      "key_strindex or string_value_strindex is set, which only profiles may do; it is ignored"),
  ENUM_NAME("JSON with enum names (expected: their numbers)"),
  SNAKE_CASE("JSON with snake_case names (expected: lowerCamelCase)"),
  /** Its detail tells how many there are, and the first one's field. */
  INVALID_UTF8("text that is no UTF-8, in which U+FFFD stands for each wrong byte now"),
  /** Its detail names fields and values. */
  UNKNOWN_ENUM("a value that its enum does not have (a number is kept, a name is not)"),
  /** Its detail names the field. */
  NOTHING_FOUND("nothing to store was found");

  private final String text;

  Warning(String text) {
    this.text = text;
  }

  /** For metric labels. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For the sender. */
  public String text() {
    return text;
  }
}
