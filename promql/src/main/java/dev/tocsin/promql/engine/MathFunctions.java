package dev.tocsin.promql.engine;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToIntFunction;

/** Functions of one float. */
final class MathFunctions {
  private static final double LN_2 = Math.log(2);

  static final Map<String, DoubleUnaryOperator> BY_NAME =
      Map.ofEntries(
          Map.entry("abs", Math::abs),
          Map.entry("ceil", Math::ceil),
          Map.entry("floor", Math::floor),
          Map.entry("exp", Math::exp),
          Map.entry("sqrt", Math::sqrt),
          Map.entry("ln", Math::log),
          Map.entry("log2", MathFunctions::log2),
          Map.entry("log10", Math::log10),
          Map.entry("sgn", v -> v < 0 ? -1 : v > 0 ? 1 : v),
          Map.entry("sin", Math::sin),
          Map.entry("cos", Math::cos),
          Map.entry("tan", Math::tan),
          Map.entry("asin", Math::asin),
          Map.entry("acos", Math::acos),
          Map.entry("atan", Math::atan),
          Map.entry("sinh", Math::sinh),
          Map.entry("cosh", Math::cosh),
          Map.entry("tanh", Math::tanh),
          Map.entry("asinh", MathFunctions::asinh),
          Map.entry("acosh", v -> Math.log(v + Math.sqrt(v * v - 1))),
          Map.entry("atanh", v -> 0.5 * Math.log1p(2 * v / (1 - v))),
          Map.entry("deg", v -> v * 180 / Math.PI),
          Map.entry("rad", v -> v * Math.PI / 180));

  static final Map<String, ToIntFunction<LocalDateTime>> DATE_PARTS =
      Map.of(
          "minute", LocalDateTime::getMinute,
          "hour", LocalDateTime::getHour,
          "day_of_week", date -> date.getDayOfWeek().getValue() % 7,
          "day_of_month", LocalDateTime::getDayOfMonth,
          "day_of_year", LocalDateTime::getDayOfYear,
          "days_in_month", date -> date.toLocalDate().lengthOfMonth(),
          "month", LocalDateTime::getMonthValue,
          "year", LocalDateTime::getYear);

  private MathFunctions() {}

  private static double log2(double value) {
    int exponent = Math.getExponent(value);
    double power = Math.scalb(1.0, exponent);
    return value > 0 && value == power ? exponent : Math.log(value) / LN_2;
  }

  private static double asinh(double value) {
    if (Double.isInfinite(value) || value == 0) {
      return value;
    }
    double x = Math.abs(value);
    double result =
        x > 1e8 ? Math.log(x) + LN_2 : Math.log1p(x + x * x / (1 + Math.sqrt(1 + x * x)));
    return Math.copySign(result, value);
  }

  static DoubleUnaryOperator datePart(String name) {
    ToIntFunction<LocalDateTime> part = DATE_PARTS.get(name);
    if (part == null) {
      throw new IllegalStateException("no date function: " + name);
    }
    return seconds -> part.applyAsInt(dateOf(seconds));
  }

  private static LocalDateTime dateOf(double seconds) {
    long bounded = (long) Math.max(-3.1e16, Math.min(3.1e16, seconds));
    return LocalDateTime.ofInstant(Instant.ofEpochSecond(bounded), ZoneOffset.UTC);
  }

  static DoubleUnaryOperator round(double nearest) {
    double inverse = 1.0 / nearest;
    return value -> Math.floor(value * inverse + 0.5) / inverse;
  }

  /** The lesser of the two as Go has it: NaN when either is. */
  static double clamp(double value, double min, double max) {
    return Math.max(min, Math.min(max, value));
  }
}
