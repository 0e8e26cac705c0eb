package dev.tocsin.promql.histogram;

import dev.tocsin.promql.text.Numbers;

/** A bucket with its bounds. */
public record Bucket(
    double lower, double upper, boolean lowerInclusive, boolean upperInclusive, double count) {
  Bucket within(double newLower, double newUpper) {
    return new Bucket(newLower, newUpper, lowerInclusive, upperInclusive, count);
  }

  boolean spansZero() {
    return lower <= 0 && upper >= 0;
  }

  @Override
  public String toString() {
    return (lowerInclusive ? "[" : "(")
        + Numbers.print(lower)
        + ","
        + Numbers.print(upper)
        + (upperInclusive ? "]" : ")")
        + ":"
        + Numbers.print(count);
  }
}
