package dev.tocsin.promql.template;

import dev.tocsin.promql.text.GoFloats;
import dev.tocsin.promql.text.Numbers;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How values of templates convert, compare and print. Integers are Long, floats Double. */
final class Scalars {
  private Scalars() {}

  /** A Long or Double, or null when the text is no number. */
  static @Nullable Object number(String text) {
    String digits = text.replace("_", "");
    try {
      String lower = digits.toLowerCase(java.util.Locale.ROOT);
      if (lower.startsWith("0x") && lower.indexOf('p') < 0) {
        return Long.parseLong(lower.substring(2), 16);
      }
      return Long.parseLong(digits);
    } catch (NumberFormatException notWhole) {
      return Numbers.parse(digits);
    }
  }

  /** As Prometheus's functions take numbers: strings are parsed. */
  static double toDouble(String function, @Nullable Object value) {
    if (value instanceof Double number) {
      return number;
    } else if (value instanceof Long number) {
      return number;
    } else if (value instanceof String text) {
      Double parsed = Numbers.parse(text);
      if (parsed != null) {
        return parsed;
      }
      throw new TemplateException(
          "error calling "
              + function
              + ": strconv.ParseFloat: parsing \""
              + text
              + "\": invalid syntax");
    }
    throw new TemplateException(
        "error calling " + function + ": can't convert " + typeName(value) + " to float");
  }

  static boolean truth(@Nullable Object value) {
    if (value == null) {
      return false;
    } else if (value instanceof Boolean bool) {
      return bool;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    } else if (value instanceof SafeHtml html) {
      return !html.text().isEmpty();
    } else if (value instanceof Long number) {
      return number != 0;
    } else if (value instanceof Double number) {
      return number != 0;
    } else if (value instanceof List<?> list) {
      return !list.isEmpty();
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return true;
  }

  /** What Go's {@code %v} gives. */
  static String print(@Nullable Object value) {
    if (value == null) {
      return "<no value>";
    } else if (value instanceof Double number) {
      return GoFloats.shortest(number, 6);
    } else if (value instanceof List<?> list) {
      StringJoiner out = new StringJoiner(" ", "[", "]");
      list.forEach(item -> out.add(print(item)));
      return out.toString();
    } else if (value instanceof Map<?, ?> map) {
      StringJoiner out = new StringJoiner(" ", "map[", "]");
      TreeMap<String, Object> sorted = new TreeMap<>();
      map.forEach((key, item) -> sorted.put(String.valueOf(key), item));
      sorted.forEach((key, item) -> out.add(key + ":" + print(item)));
      return out.toString();
    }
    return value.toString();
  }

  static String typeName(@Nullable Object value) {
    if (value == null) {
      return "nil";
    } else if (value instanceof String) {
      return "string";
    } else if (value instanceof Long) {
      return "int";
    } else if (value instanceof Double) {
      return "float64";
    } else if (value instanceof Boolean) {
      return "bool";
    } else if (value instanceof SafeHtml) {
      return "template.HTML";
    } else if (value instanceof GoTime) {
      return "*time.Time";
    } else if (value instanceof GoDuration) {
      return "*time.Duration";
    }
    return value instanceof Map
        ? "map"
        : value instanceof List ? "slice" : value.getClass().getSimpleName();
  }

  /** Less, equal or greater; incompatible types are an error as in Go. */
  static int compare(@Nullable Object left, @Nullable Object right) {
    Object a = left instanceof SafeHtml html ? html.text() : left;
    Object b = right instanceof SafeHtml html ? html.text() : right;
    if (a instanceof Long x && b instanceof Long y) {
      return Long.compare(x, y);
    } else if (a instanceof Double x && b instanceof Double y) {
      return x < y ? -1 : x > y ? 1 : x.doubleValue() == y.doubleValue() ? 0 : 2;
    } else if (a instanceof String x && b instanceof String y) {
      return Integer.signum(x.compareTo(y));
    }
    throw new TemplateException("incompatible types for comparison");
  }

  static boolean equal(@Nullable Object a, @Nullable Object b) {
    if (a == null || b == null) {
      return a == b;
    } else if (a instanceof Boolean && b instanceof Boolean) {
      return a.equals(b);
    }
    return compare(a, b) == 0;
  }
}
