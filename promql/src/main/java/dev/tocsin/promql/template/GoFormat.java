package dev.tocsin.promql.template;

import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.text.GoFloats;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Go's fmt.Sprintf for the verbs that templates use. */
final class GoFormat {
  private static final int WIDTH_MAX = 1000;

  private final String format;
  private final List<@Nullable Object> arguments;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int used;

  private GoFormat(String format, List<@Nullable Object> arguments) {
    this.format = format;
    this.arguments = arguments;
  }

  static String format(String format, List<@Nullable Object> arguments) {
    return new GoFormat(format, arguments).run();
  }

  private record Spec(String flags, int width, int precision) {
    boolean has(char flag) {
      return flags.indexOf(flag) >= 0;
    }
  }

  private String run() {
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
      } else if (at >= format.length()) {
        out.append("%!(NOVERB)");
      } else {
        directive();
      }
    }
    if (used < arguments.size()) {
      out.append("%!(EXTRA ");
      for (int i = used; i < arguments.size(); i++) {
        Object extra = arguments.get(i);
        out.append(i > used ? ", " : "")
            .append(Scalars.typeName(extra))
            .append('=')
            .append(Scalars.print(extra));
      }
      out.append(')');
    }
    return out.toString();
  }

  private void directive() {
    int start = at;
    while (at < format.length() && "+-# 0".indexOf(format.charAt(at)) >= 0) {
      at++;
    }
    String flags = format.substring(start, at);
    int width = number();
    int precision = -1;
    if (at < format.length() && format.charAt(at) == '.') {
      at++;
      precision = Math.max(0, number());
    }
    if (at >= format.length()) {
      out.append("%!(NOVERB)");
      return;
    }
    char verb = format.charAt(at++);
    if (verb == '%') {
      out.append('%');
    } else if (used >= arguments.size()) {
      out.append("%!").append(verb).append("(MISSING)");
    } else {
      Spec spec = new Spec(flags, width, precision);
      out.append(padded(verb(verb, arguments.get(used++), spec), spec));
    }
  }

  private int number() {
    if (at < format.length() && format.charAt(at) == '*') {
      at++;
      Object value = used < arguments.size() ? arguments.get(used++) : null;
      return value instanceof Long number ? (int) Math.max(-1, Math.min(WIDTH_MAX, number)) : -1;
    }
    int value = -1;
    while (at < format.length() && Character.isDigit(format.charAt(at))) {
      value = Math.min(WIDTH_MAX, Math.max(0, value) * 10 + (format.charAt(at++) - '0'));
    }
    return value;
  }

  private static String padded(String text, Spec spec) {
    int missing = spec.width - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return text;
    } else if (spec.has('-')) {
      return text + " ".repeat(missing);
    } else if (spec.has('0') && !text.isEmpty()) {
      boolean signed = text.charAt(0) == '-' || text.charAt(0) == '+';
      return signed
          ? text.charAt(0) + "0".repeat(missing) + text.substring(1)
          : "0".repeat(missing) + text;
    }
    return " ".repeat(missing) + text;
  }

  private static String verb(char verb, @Nullable Object value, Spec spec) {
    if (verb == 'v' || (verb == 's' && !(value instanceof Number))) {
      String text =
          value == null
              ? "<nil>"
              : value instanceof Double d ? floating('g', d, spec) : Scalars.print(value);
      return verb == 's' && spec.precision >= 0 && spec.precision < text.length()
          ? text.substring(0, spec.precision)
          : text;
    } else if (verb == 'T') {
      return Scalars.typeName(value);
    } else if (value instanceof Double number && "feEgG".indexOf(verb) >= 0) {
      return floating(verb, number, spec);
    } else if (value instanceof Long number && "dxXobcqU".indexOf(verb) >= 0) {
      return whole(verb, number, spec);
    } else if (verb == 'q' && value instanceof String text) {
      return LabelText.quote(text);
    } else if (verb == 'x' && value instanceof String text) {
      StringBuilder hex = new StringBuilder();
      for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
        hex.append(String.format("%02x", b));
      }
      return hex.toString();
    } else if (verb == 't' && value instanceof Boolean) {
      return Scalars.print(value);
    }
    return "%!" + verb + "(" + Scalars.typeName(value) + "=" + Scalars.print(value) + ")";
  }

  private static String whole(char verb, long value, Spec spec) {
    String text =
        switch (verb) {
          case 'x' -> Long.toString(value, 16);
          case 'X' -> Long.toString(value, 16).toUpperCase(Locale.ROOT);
          case 'o' -> Long.toString(value, 8);
          case 'b' -> Long.toString(value, 2);
          case 'c', 'q' ->
              Character.isValidCodePoint((int) value) ? Character.toString((int) value) : "\ufffd";
          case 'U' -> String.format("U+%04X", value);
          default -> Long.toString(value);
        };
    return verb == 'd' && spec.has('+') && value >= 0 ? "+" + text : text;
  }

  static String floating(char verb, double value, int precision) {
    return floating(verb, value, new Spec("", -1, precision));
  }

  private static String floating(char verb, double value, Spec spec) {
    String sign = spec.has('+') && value >= 0 ? "+" : spec.has(' ') && value >= 0 ? " " : "";
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }
    return switch (verb) {
      case 'f' -> sign + fixed(value, spec.precision < 0 ? 6 : spec.precision);
      case 'e', 'E' -> sign + exponent(value, spec.precision < 0 ? 6 : spec.precision, verb);
      default -> sign + general(value, spec.precision);
    };
  }

  private static String fixed(double value, int digits) {
    String text = new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    boolean negativeZero = value < 0 || (value == 0 && 1 / value < 0);
    return negativeZero && !text.startsWith("-") ? "-" + text : text;
  }

  private static String exponent(double value, int digits, char verb) {
    String text = String.format(Locale.ROOT, "%." + digits + "e", value);
    return verb == 'E' ? text.toUpperCase(Locale.ROOT) : text;
  }

  /**
   * %g: the given count of significant digits without trailing zeros, or the shortest that reads
   * back.
   */
  private static String general(double value, int precision) {
    if (precision < 0 || value == 0) {
      return GoFloats.shortest(value, 6);
    }
    int significant = Math.max(1, precision);
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(significant, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal plain = rounded.stripTrailingZeros();
    if (exponent >= -4 && exponent < significant) {
      return plain.toPlainString();
    }
    String digits = plain.unscaledValue().abs().toString();
    String tail = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + tail;
  }
}
