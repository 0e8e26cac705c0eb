package dev.tocsin.promql.text;

/** Doubles as Go's strconv prints them: the shortest digits that read back as the same value. */
public final class GoFloats {
  private GoFloats() {}

  /** Format 'f' with the fewest digits, never an exponent; NaN, +Inf and -Inf as such. */
  public static String plain(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    } else if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    } else if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    Digits digits = Digits.of(value);
    return digits.sign() + positional(digits);
  }

  /**
   * Format 'g' with the fewest digits: an exponent below 1e-4 and from {@code 10^exponentFrom} on.
   */
  public static String shortest(double value, int exponentFrom) {
    if (Double.isNaN(value) || Double.isInfinite(value) || value == 0) {
      return plain(value);
    }
    Digits digits = Digits.of(value);
    int exponent = digits.point() - 1;
    if (exponent >= -4 && exponent < exponentFrom) {
      return digits.sign() + positional(digits);
    }
    String mantissa = digits.text();
    String head =
        mantissa.length() == 1 ? mantissa : mantissa.charAt(0) + "." + mantissa.substring(1);
    String tail = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return digits.sign() + head + "e" + (exponent < 0 ? "-" : "+") + tail;
  }

  private static String positional(Digits digits) {
    String text = digits.text();
    int point = digits.point();
    if (point <= 0) {
      return "0." + "0".repeat(-point) + text;
    } else if (point >= text.length()) {
      return text + "0".repeat(point - text.length());
    }
    return text.substring(0, point) + "." + text.substring(point);
  }

  /** Decimal digits without leading and trailing zeros, and where the point stands among them. */
  private record Digits(String sign, String text, int point) {
    static Digits of(double value) {
      String sign = value < 0 ? "-" : "";
      String java = shortestJava(Math.abs(value));
      int e = java.indexOf('E');
      int exponent = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
      String mantissa = e < 0 ? java : java.substring(0, e);
      int dot = mantissa.indexOf('.');
      String all = dot < 0 ? mantissa : mantissa.substring(0, dot) + mantissa.substring(dot + 1);
      int point = (dot < 0 ? mantissa.length() : dot) + exponent;
      int first = 0;
      while (first < all.length() - 1 && all.charAt(first) == '0') {
        first++;
      }
      int last = all.length();
      while (last > first + 1 && all.charAt(last - 1) == '0') {
        last--;
      }
      return new Digits(sign, all.substring(first, last), point - first);
    }

    /**
     * Double.toString of JDK 17 sometimes gives a digit too many; fewer are tried until they no
     * longer read back.
     */
    private static String shortestJava(double value) {
      String text = Double.toString(value);
      java.math.BigDecimal exact = new java.math.BigDecimal(text);
      int precision = exact.precision();
      for (int digits = precision - 1; digits >= Math.max(1, precision - 2); digits--) {
        java.math.BigDecimal rounded = exact.round(new java.math.MathContext(digits));
        if (rounded.doubleValue() == value) {
          text = rounded.unscaledValue() + "E" + -rounded.scale();
        }
      }
      return text;
    }
  }
}
