package dev.tocsin.promql.series;

/** How labels, label names and quoted strings look in PromQL. */
public final class LabelText {
  private LabelText() {}

  static String print(Labels labels) {
    StringBuilder out = new StringBuilder();
    String metric = labels.metricName();
    boolean bare = isMetricName(metric);
    if (bare) {
      out.append(metric);
    }
    boolean first = true;
    for (int i = 0; i < labels.size(); i++) {
      String name = labels.nameAt(i);
      if (bare && name.equals(Labels.METRIC_NAME)) {
        continue;
      }
      out.append(first ? "{" : ", ");
      first = false;
      out.append(isLabelName(name) ? name : quote(name))
          .append('=')
          .append(quote(labels.valueAt(i)));
    }
    if (!first) {
      out.append('}');
    } else if (!bare) {
      out.append("{}");
    }
    return out.toString();
  }

  /** Whether a name can stand outside of braces: {@code [a-zA-Z_:][a-zA-Z0-9_:]*}. */
  public static boolean isMetricName(String name) {
    return isName(name, true);
  }

  /** Whether a label name needs no quotes: {@code [a-zA-Z_][a-zA-Z0-9_]*}. */
  public static boolean isLabelName(String name) {
    return isName(name, false);
  }

  /** Whether a text can be a label name at all: not empty and valid Unicode. */
  public static boolean isValidLabelName(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isSurrogate(name.charAt(i)) && !isPaired(name, i)) {
        return false;
      }
    }
    return !name.isEmpty();
  }

  private static boolean isName(String name, boolean colon) {
    if (name.isEmpty()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':');
      if (!letter && (i == 0 || c < '0' || c > '9')) {
        return false;
      }
    }
    return true;
  }

  /** A double-quoted Go string literal. */
  public static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case 0x07 -> out.append("\\a");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case 0x0b -> out.append("\\v");
        default -> appendPlain(out, c, text, i);
      }
    }
    return out.append('"').toString();
  }

  private static void appendPlain(StringBuilder out, char c, String text, int i) {
    if (c < 0x20 || c == 0x7f) {
      out.append(String.format("\\x%02x", (int) c));
    } else if (Character.isSurrogate(c) && !isPaired(text, i)) {
      out.append(c >= 0xdc80 && c <= 0xdcff ? String.format("\\x%02x", c - 0xdc00) : "\\ufffd");
    } else if (c >= 0x80 && !Character.isSurrogate(c) && !isPrintable(c)) {
      out.append(String.format("\\u%04x", (int) c));
    } else {
      out.append(c);
    }
  }

  private static boolean isPaired(String text, int i) {
    if (Character.isHighSurrogate(text.charAt(i))) {
      return i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
    }
    return i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  private static boolean isPrintable(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
