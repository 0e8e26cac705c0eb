package dev.tocsin.storage.ports;

/** A value to compare attributes with. */
public sealed interface AttributeValue {

  /** As search boxes and labels have it: equal to whatever value is written so. */
  record Untyped(String text) implements AttributeValue {}

  /** Equal to strings only. */
  record Text(String text) implements AttributeValue {}

  /** Equal to integers, and to doubles of the same value. */
  record Whole(long value) implements AttributeValue {}

  /** Equal to doubles, and to integers of the same value. */
  record Real(double value) implements AttributeValue {}

  record Flag(boolean value) implements AttributeValue {}

  /** The value as text. */
  default String asText() {
    if (this instanceof Untyped untyped) {
      return untyped.text();
    }
    if (this instanceof Text text) {
      return text.text();
    }
    if (this instanceof Whole whole) {
      return Long.toString(whole.value());
    }
    if (this instanceof Real real) {
      return Double.toString(real.value());
    }
    return Boolean.toString(((Flag) this).value());
  }
}
