package dev.tocsin.storage.ports;

import dev.tocsin.otlp.wire.AttributeText;
import io.opentelemetry.proto.common.v1.AnyValue;

/**
 * A condition on one attribute. It holds for an item that has the key, in the scope, with a value
 * that compares so; an item without the key never passes, not even {@code !=}: negate {@link
 * Comparison#positive} for that. Lists compare as their JSON text. Immutable.
 */
public final class AttributeTest {
  private final AttributeScope scope;
  private final String key;
  private final Comparison comparison;
  private final AttributeValue value;
  private final TextPattern pattern;
  private final double number;

  /**
   * @throws IllegalArgumentException with a sentence for the caller when the value is no regular
   *     expression, or no number where one is ordered by
   */
  public AttributeTest(
      AttributeScope scope, String key, Comparison comparison, AttributeValue value) {
    this.scope = scope;
    this.key = key;
    this.comparison = comparison;
    this.value = value;
    boolean matches = comparison.positive() == Comparison.MATCHES;
    this.pattern = matches ? TextPattern.compile(value.asText()) : TextPattern.NONE;
    this.number = isOrdering(comparison) ? number(value.asText()) : Double.NaN;
  }

  public static AttributeTest equal(AttributeScope scope, String key, String value) {
    return new AttributeTest(scope, key, Comparison.EQUAL, new AttributeValue.Untyped(value));
  }

  public AttributeScope scope() {
    return scope;
  }

  public String key() {
    return key;
  }

  public Comparison comparison() {
    return comparison;
  }

  public AttributeValue value() {
    return value;
  }

  /**
   * Whether it holds only for attributes of an item, or its resource, whose value as text is just
   * the value's; numbers are written in several ways.
   */
  public boolean equalsText() {
    boolean number = value instanceof AttributeValue.Whole || value instanceof AttributeValue.Real;
    boolean ofItem = scope == AttributeScope.ITEM || scope == AttributeScope.ITEM_OR_RESOURCE;
    return comparison == Comparison.EQUAL && !number && ofItem;
  }

  private static boolean isOrdering(Comparison comparison) {
    return switch (comparison) {
      case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
      default -> false;
    };
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " (expected: a number)", e);
    }
  }

  /** Whether a value of the key passes. */
  public boolean test(AnyValue actual) {
    return switch (comparison) {
      case EXISTS -> true;
      case EQUAL -> isEqual(actual);
      case NOT_EQUAL -> !isEqual(actual);
      case MATCHES -> pattern.matches(AttributeText.of(actual));
      case MATCHES_NOT -> !pattern.matches(AttributeText.of(actual));
      case LESS -> numberOf(actual) < number;
      case LESS_OR_EQUAL -> numberOf(actual) <= number;
      case GREATER -> numberOf(actual) > number;
      case GREATER_OR_EQUAL -> numberOf(actual) >= number;
    };
  }

  private boolean isEqual(AnyValue actual) {
    if (value instanceof AttributeValue.Untyped untyped) {
      return AttributeText.of(actual).equals(untyped.text());
    }
    if (value instanceof AttributeValue.Text text) {
      return actual.hasStringValue() && actual.getStringValue().equals(text.text());
    }
    if (value instanceof AttributeValue.Flag flag) {
      return actual.hasBoolValue() && actual.getBoolValue() == flag.value();
    }
    if (value instanceof AttributeValue.Whole whole && actual.hasIntValue()) {
      return actual.getIntValue() == whole.value();
    }
    if (value instanceof AttributeValue.Whole whole) {
      return actual.hasDoubleValue() && isSame(actual.getDoubleValue(), whole.value());
    }
    double real = ((AttributeValue.Real) value).value();
    return actual.hasIntValue()
        ? isSame(real, actual.getIntValue())
        : actual.hasDoubleValue() && actual.getDoubleValue() == real;
  }

  /** Exactly: beyond 2^53 a cast of the integer would round it to its neighbours. */
  private static boolean isSame(double real, long whole) {
    return real == Math.rint(real) && real < 0x1p63 && real >= -0x1p63 && (long) real == whole;
  }

  /** NaN, which no ordering holds for, when it is no number. */
  private static double numberOf(AnyValue value) {
    return switch (value.getValueCase()) {
      case INT_VALUE -> value.getIntValue();
      case DOUBLE_VALUE -> value.getDoubleValue();
      case STRING_VALUE -> numberIn(value.getStringValue());
      default -> Double.NaN;
    };
  }

  private static double numberIn(String text) {
    boolean likely =
        !text.isEmpty() && text.length() <= 32 && "+-.0123456789".indexOf(text.charAt(0)) >= 0;
    try {
      return likely ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException notOne) {
      return Double.NaN;
    }
  }

  @Override
  public String toString() {
    return scope + ":" + key + comparison.symbol() + value.asText();
  }
}
