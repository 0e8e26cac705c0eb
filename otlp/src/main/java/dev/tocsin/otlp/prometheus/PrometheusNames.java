package dev.tocsin.otlp.prometheus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Metric and label names as Prometheus gives them to OTLP metrics by default (strategy
 * UnderscoreEscapingWithSuffixes of the OpenTelemetry Prometheus compatibility specification).
 */
public final class PrometheusNames {
  private static final Pattern NOT_IN_METRIC_NAME = Pattern.compile("[^a-zA-Z0-9:]+");
  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("d", "days"),
          Map.entry("h", "hours"),
          Map.entry("min", "minutes"),
          Map.entry("s", "seconds"),
          Map.entry("ms", "milliseconds"),
          Map.entry("us", "microseconds"),
          Map.entry("ns", "nanoseconds"),
          Map.entry("By", "bytes"),
          Map.entry("KiBy", "kibibytes"),
          Map.entry("MiBy", "mebibytes"),
          Map.entry("GiBy", "gibibytes"),
          Map.entry("TiBy", "tebibytes"),
          Map.entry("KBy", "kilobytes"),
          Map.entry("MBy", "megabytes"),
          Map.entry("GBy", "gigabytes"),
          Map.entry("TBy", "terabytes"),
          Map.entry("m", "meters"),
          Map.entry("V", "volts"),
          Map.entry("A", "amperes"),
          Map.entry("J", "joules"),
          Map.entry("W", "watts"),
          Map.entry("g", "grams"),
          Map.entry("Cel", "celsius"),
          Map.entry("Hz", "hertz"),
          Map.entry("1", ""),
          Map.entry("%", "percent"));
  private static final Map<String, String> PER_UNITS =
      Map.of(
          "s", "second", "m", "minute", "h", "hour", "d", "day", "w", "week", "mo", "month", "y",
          "year");

  private PrometheusNames() {}

  /** What decides a name's suffix. */
  public enum Kind {
    MONOTONIC_SUM,
    GAUGE,
    OTHER
  }

  /**
   * @param unit as OTLP has it (UCUM); empty when there is none
   */
  public static String metric(String name, String unit, Kind kind) {
    List<String> tokens = tokens(name);
    addUnit(tokens, unit);
    if (kind == Kind.MONOTONIC_SUM) {
      moveToEnd(tokens, "total");
    } else if (kind == Kind.GAUGE && unit.equals("1")) {
      moveToEnd(tokens, "ratio");
    }
    String joined = String.join("_", tokens);
    boolean leadingDigit = !joined.isEmpty() && Character.isDigit(joined.charAt(0));
    return leadingDigit ? "_" + joined : joined;
  }

  /** The parts of a name between characters that it may not have; loops, as this is asked often. */
  private static List<String> tokens(String name) {
    List<String> tokens = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= name.length(); i++) {
      if (i == name.length() || !isInMetricName(name.charAt(i))) {
        if (i > from) {
          tokens.add(name.substring(from, i));
        }
        from = i + 1;
      }
    }
    return tokens;
  }

  private static boolean isInMetricName(char c) {
    return isLetterOrDigit(c) || c == ':';
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static void addUnit(List<String> tokens, String unit) {
    String[] parts = unit.split("/", 2);
    addIfNew(tokens, word(parts[0].strip(), UNITS), "");
    if (parts.length == 2) {
      addIfNew(tokens, word(parts[1].strip(), PER_UNITS), "per");
    }
  }

  /** A unit in the words that names have for it, such as {@code bytes_per_second}. */
  public static String unit(String unit) {
    String[] parts = unit.split("/", 2);
    String main = word(parts[0].strip(), UNITS);
    String per = parts.length == 2 ? word(parts[1].strip(), PER_UNITS) : "";
    if (per.isEmpty()) {
      return main;
    }
    return main.isEmpty() ? "per_" + per : main + "_per_" + per;
  }

  private static String word(String unit, Map<String, String> words) {
    if (unit.contains("{") || unit.contains("}")) {
      return "";
    }
    String word = words.getOrDefault(unit, unit);
    if (word.chars().allMatch(c -> isInMetricName((char) c))) {
      return word;
    }
    return NOT_IN_METRIC_NAME.matcher(word).replaceAll("_").replaceAll("^_+|_+$", "");
  }

  private static void addIfNew(List<String> tokens, String word, String before) {
    if (word.isEmpty() || tokens.contains(word)) {
      return;
    }
    if (!before.isEmpty()) {
      tokens.add(before);
    }
    tokens.add(word);
  }

  private static void moveToEnd(List<String> tokens, String word) {
    tokens.removeIf(word::equals);
    tokens.add(word);
  }

  /** Invalid characters become underscores; a leading digit gets the prefix {@code key_}. */
  public static String label(String key) {
    if (key.isEmpty()) {
      return key;
    }
    String name = withUnderscores(key);
    if (Character.isDigit(name.charAt(0))) {
      return "key_" + name;
    }
    boolean oneUnderscore = name.startsWith("_") && !name.startsWith("__");
    return oneUnderscore ? "key" + name : name;
  }

  /** Each character that a label may not have, though it take two chars, becomes an underscore. */
  private static String withUnderscores(String key) {
    StringBuilder name = new StringBuilder(key.length());
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      name.append(isLetterOrDigit(c) ? c : '_');
      if (Character.isHighSurrogate(c)
          && i + 1 < key.length()
          && Character.isLowSurrogate(key.charAt(i + 1))) {
        i++;
      }
    }
    return name.toString();
  }
}
