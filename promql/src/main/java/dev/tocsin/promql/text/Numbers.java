package dev.tocsin.promql.text;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Go number literals. */
public final class Numbers {
  private Numbers() {}

  /**
   * The value of a number, {@code Inf} and {@code NaN} in any case and sign included, or null when
   * it is none.
   */
  public static @Nullable Double parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    switch (lower) {
      case "inf", "+inf", "infinity", "+infinity" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-inf", "-infinity" -> {
        return Double.NEGATIVE_INFINITY;
      }
      case "nan" -> {
        return Double.NaN;
      }
      default -> {}
    }
    String digits = lower.replace("_", "");
    try {
      if (digits.startsWith("0x") && digits.indexOf('p') < 0) {
        return (double) Long.parseLong(digits.substring(2), 16);
      }
      if (digits.length() > 1 && digits.charAt(0) == '0' && isOctal(digits)) {
        return (double) Long.parseLong(digits, 8);
      }
      if (digits.isEmpty() || "0123456789.+-".indexOf(digits.charAt(0)) < 0) {
        return null;
      }
      char last = digits.charAt(digits.length() - 1);
      if (last == 'd' || last == 'f') {
        return null;
      }
      double value = Double.parseDouble(digits);
      return Double.isInfinite(value) ? null : (Double) value;
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  private static boolean isOctal(String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }

  /** The shortest notation of a double as Go's {@code %v} and Prometheus print it. */
  public static String print(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    return GoFloats.shortest(value, 6);
  }
}
