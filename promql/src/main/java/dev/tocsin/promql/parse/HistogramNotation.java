package dev.tocsin.promql.parse;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.CustomBounds;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.text.Numbers;
import java.util.HashMap;
import java.util.Map;

/** {@code {{schema:0 sum:5 count:4 buckets:[1 2 1] ...}}}. */
final class HistogramNotation {
  private HistogramNotation() {}

  record Parsed(Histogram histogram, boolean hinted) {}

  static Parsed parse(String text) {
    if (!text.startsWith("{{") || !text.endsWith("}}")) {
      throw SeriesNotation.malformed(text, "expected a histogram");
    }
    Map<String, String> fields = fields(text.substring(2, text.length() - 2), text);
    Histogram.Builder builder = Histogram.builder();
    fields.forEach((name, value) -> set(builder, name, value, text));
    builder.positive(buckets(fields, "buckets", "offset", text));
    builder.negative(buckets(fields, "n_buckets", "n_offset", text));
    String schema = fields.get("schema");
    if (schema != null) {
      builder.schema((int) number(schema, text));
    }
    return new Parsed(builder.build(), fields.containsKey("counter_reset_hint"));
  }

  private static Map<String, String> fields(String body, String text) {
    Map<String, String> fields = new HashMap<>();
    int at = 0;
    while (at < body.length()) {
      if (Character.isWhitespace(body.charAt(at))) {
        at++;
        continue;
      }
      int colon = body.indexOf(':', at);
      if (colon < 0) {
        throw SeriesNotation.malformed(
            text, "expected histogram description key, e.g. buckets:[5 10 7]");
      }
      int end = colon + 1;
      boolean list = end < body.length() && body.charAt(end) == '[';
      while (end < body.length()
          && (list ? body.charAt(end) != ']' : !Character.isWhitespace(body.charAt(end)))) {
        end++;
      }
      end = list ? Math.min(end + 1, body.length()) : end;
      if (fields.put(body.substring(at, colon), body.substring(colon + 1, end)) != null) {
        throw SeriesNotation.malformed(
            text, "duplicate key \"" + body.substring(at, colon) + "\" in histogram");
      }
      at = end;
    }
    return fields;
  }

  private static void set(Histogram.Builder builder, String name, String value, String text) {
    switch (name) {
      case "sum" -> builder.sum(number(value, text));
      case "count" -> builder.count(number(value, text));
      case "z_bucket" -> builder.zeroCount(number(value, text));
      case "z_bucket_w" -> builder.zeroThreshold(number(value, text));
      case "custom_values" -> builder.bounds(CustomBounds.of(numbers(value, text)));
      case "counter_reset_hint" -> builder.hint(hint(value, text));
      case "schema", "buckets", "offset", "n_buckets", "n_offset" -> {}
      default ->
          throw SeriesNotation.malformed(text, "bad histogram descriptor found: \"" + name + "\"");
    }
  }

  private static CounterResetHint hint(String value, String text) {
    return switch (value) {
      case "unknown" -> CounterResetHint.UNKNOWN;
      case "reset" -> CounterResetHint.RESET;
      case "not_reset" -> CounterResetHint.NOT_RESET;
      case "gauge" -> CounterResetHint.GAUGE;
      default ->
          throw SeriesNotation.malformed(
              text, "error parsing counter_reset_hint: unknown value " + value);
    };
  }

  private static Buckets buckets(
      Map<String, String> fields, String counts, String offset, String text) {
    String list = fields.get(counts);
    if (list == null) {
      return Buckets.EMPTY;
    }
    int first = (int) number(fields.getOrDefault(offset, "0"), text);
    try {
      return Buckets.dense(first, numbers(list, text));
    } catch (IllegalArgumentException e) {
      throw SeriesNotation.malformed(text, String.valueOf(e.getMessage()));
    }
  }

  private static double[] numbers(String list, String text) {
    if (!list.startsWith("[") || !list.endsWith("]")) {
      throw SeriesNotation.malformed(text, "expected a list in brackets");
    }
    String body = list.substring(1, list.length() - 1).strip();
    if (body.isEmpty()) {
      return new double[0];
    }
    String[] parts = body.split("\\s+");
    double[] numbers = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = number(parts[i], text);
    }
    return numbers;
  }

  private static double number(String value, String text) {
    boolean negative = value.startsWith("-");
    Double number = Numbers.parse(negative || value.startsWith("+") ? value.substring(1) : value);
    if (number == null) {
      throw SeriesNotation.malformed(text, "error parsing number: \"" + value + "\"");
    }
    return negative ? -number : number;
  }
}
