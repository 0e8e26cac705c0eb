package dev.tocsin.alert.evaluate.group;

import java.math.BigDecimal;

/** Numbers and durations as Prometheus's API writes them. */
public final class PrometheusText {
  private PrometheusText() {}

  /** Shortest form that reads back the same; {@code NaN}, {@code +Inf}, {@code -Inf}. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    return size < 1e21 && size >= 1e-7 ? exact.toPlainString() : Double.toString(value);
  }

  /** Reads what {@link #number} wrote; NaN for anything else. */
  public static double parse(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "", "NaN" -> Double.NaN;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException notANumber) {
          yield Double.NaN;
        }
      }
    };
  }
}
