package dev.tocsin.promql.engine;

import dev.tocsin.promql.text.Numbers;

/** Floats in label values as OpenMetrics writes them: always with a point or an exponent. */
final class OpenMetricsFloat {
  private OpenMetricsFloat() {}

  static String print(double value) {
    String text = Numbers.print(value);
    boolean whole = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
    return whole ? text + ".0" : text;
  }
}
