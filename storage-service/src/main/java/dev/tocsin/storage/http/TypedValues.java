package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AttributeValue;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * Values as people write them after {@code =}: {@code 5}, {@code 5.0} and {@code 5e0} are a number,
 * which equals integers and doubles of that value; {@code true} and {@code false} are booleans;
 * what stands in double quotes is a string, with {@code \"} and {@code \\} inside; and anything
 * else is the text of a value of any type. So {@code "5"} finds strings and {@code 5} does not.
 */
final class TypedValues {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?");

  /** Digits beyond these are no number that anybody measured: such are texts. */
  private static final int DIGITS_MAX = 400;

  private static final BigDecimal LONG_MIN = BigDecimal.valueOf(Long.MIN_VALUE);
  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  private TypedValues() {}

  static AttributeValue of(String text) {
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      return new AttributeValue.Text(unescaped(text.substring(1, text.length() - 1)));
    }
    if (text.equals("true") || text.equals("false")) {
      return new AttributeValue.Flag(text.equals("true"));
    }
    return text.length() <= DIGITS_MAX && NUMBER.matcher(text).matches()
        ? number(text)
        : new AttributeValue.Untyped(text);
  }

  private static AttributeValue number(String text) {
    BigDecimal exact = new BigDecimal(text);
    boolean whole = exact.signum() == 0 || exact.stripTrailingZeros().scale() <= 0;
    boolean fits = exact.compareTo(LONG_MIN) >= 0 && exact.compareTo(LONG_MAX) <= 0;
    if (whole && fits) {
      return new AttributeValue.Whole(exact.longValueExact());
    }
    double real = exact.doubleValue();
    // Beyond what a double holds it would equal infinity, which is another value.
    return Double.isInfinite(real)
        ? new AttributeValue.Untyped(text)
        : new AttributeValue.Real(real);
  }

  private static String unescaped(String quoted) {
    StringBuilder text = new StringBuilder(quoted.length());
    for (int i = 0; i < quoted.length(); i++) {
      boolean escape =
          quoted.charAt(i) == '\\'
              && i + 1 < quoted.length()
              && "\\\"".indexOf(quoted.charAt(i + 1)) >= 0;
      i += escape ? 1 : 0;
      text.append(quoted.charAt(i));
    }
    return text.toString();
  }
}
