package dev.tocsin.promql.ast;

import static dev.tocsin.promql.ast.ValueType.MATRIX;
import static dev.tocsin.promql.ast.ValueType.SCALAR;
import static dev.tocsin.promql.ast.ValueType.STRING;
import static dev.tocsin.promql.ast.ValueType.VECTOR;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The signature of a function.
 *
 * @param arguments types of the arguments; the last may be optional or repeated
 * @param variadic how many more arguments than {@code arguments.size() - 1} may follow, 0 when the
 *     count is fixed, -1 when there is no limit
 */
public record Function(
    String name, List<ValueType> arguments, int variadic, ValueType returns, boolean experimental) {
  private static final Map<String, Function> ALL = all();

  /** The function of that exact name, or null. */
  public static @Nullable Function of(String name) {
    return ALL.get(name);
  }

  /** Every function by name. */
  public static Map<String, Function> byName() {
    return ALL;
  }

  private static Map<String, Function> all() {
    TreeMap<String, Function> map = new TreeMap<>();
    addMath(map);
    addOverTime(map);
    addHistogram(map);
    add(map, "time", SCALAR, 0);
    add(map, "pi", SCALAR, 0);
    addExperimental(map, "start", SCALAR, 0);
    addExperimental(map, "end", SCALAR, 0);
    addExperimental(map, "range", SCALAR, 0);
    addExperimental(map, "step", SCALAR, 0);
    addExperimental(map, "min_of", SCALAR, 0, SCALAR, SCALAR);
    addExperimental(map, "max_of", SCALAR, 0, SCALAR, SCALAR);
    add(map, "scalar", SCALAR, 0, VECTOR);
    add(map, "vector", VECTOR, 0, SCALAR);
    add(map, "absent", VECTOR, 0, VECTOR);
    add(map, "timestamp", VECTOR, 0, VECTOR);
    add(map, "sort", VECTOR, 0, VECTOR);
    add(map, "sort_desc", VECTOR, 0, VECTOR);
    addExperimental(map, "sort_by_label", VECTOR, -1, VECTOR, STRING);
    addExperimental(map, "sort_by_label_desc", VECTOR, -1, VECTOR, STRING);
    addExperimental(map, "info", VECTOR, 1, VECTOR, VECTOR);
    add(map, "label_replace", VECTOR, 0, VECTOR, STRING, STRING, STRING, STRING);
    add(map, "label_join", VECTOR, -1, VECTOR, STRING, STRING, STRING);
    for (String part :
        List.of(
            "minute",
            "hour",
            "day_of_week",
            "day_of_month",
            "day_of_year",
            "days_in_month",
            "month",
            "year")) {
      add(map, part, VECTOR, 1, VECTOR);
    }
    return Map.copyOf(map);
  }

  private static void addMath(Map<String, Function> map) {
    for (String name :
        List.of(
            "abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos",
            "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg",
            "rad")) {
      add(map, name, VECTOR, 0, VECTOR);
    }
    add(map, "round", VECTOR, 1, VECTOR, SCALAR);
    add(map, "clamp", VECTOR, 0, VECTOR, SCALAR, SCALAR);
    add(map, "clamp_min", VECTOR, 0, VECTOR, SCALAR);
    add(map, "clamp_max", VECTOR, 0, VECTOR, SCALAR);
  }

  private static void addOverTime(Map<String, Function> map) {
    for (String name :
        List.of(
            "rate",
            "increase",
            "irate",
            "delta",
            "idelta",
            "deriv",
            "changes",
            "resets",
            "avg_over_time",
            "min_over_time",
            "max_over_time",
            "sum_over_time",
            "count_over_time",
            "stddev_over_time",
            "stdvar_over_time",
            "last_over_time",
            "present_over_time",
            "absent_over_time")) {
      add(map, name, VECTOR, 0, MATRIX);
    }
    for (String name :
        List.of(
            "first_over_time",
            "mad_over_time",
            "ts_of_first_over_time",
            "ts_of_last_over_time",
            "ts_of_max_over_time",
            "ts_of_min_over_time")) {
      addExperimental(map, name, VECTOR, 0, MATRIX);
    }
    add(map, "quantile_over_time", VECTOR, 0, SCALAR, MATRIX);
    add(map, "predict_linear", VECTOR, 0, MATRIX, SCALAR);
    addExperimental(map, "double_exponential_smoothing", VECTOR, 0, MATRIX, SCALAR, SCALAR);
  }

  private static void addHistogram(Map<String, Function> map) {
    for (String part : List.of("count", "sum", "avg", "stddev", "stdvar")) {
      add(map, "histogram_" + part, VECTOR, 0, VECTOR);
    }
    add(map, "histogram_quantile", VECTOR, 0, SCALAR, VECTOR);
    add(map, "histogram_fraction", VECTOR, 0, SCALAR, SCALAR, VECTOR);
    addExperimental(map, "histogram_quantiles", VECTOR, 9, VECTOR, STRING, SCALAR, SCALAR);
  }

  private static void add(
      Map<String, Function> map,
      String name,
      ValueType returns,
      int variadic,
      ValueType... arguments) {
    map.put(name, new Function(name, List.of(arguments), variadic, returns, false));
  }

  private static void addExperimental(
      Map<String, Function> map,
      String name,
      ValueType returns,
      int variadic,
      ValueType... arguments) {
    map.put(name, new Function(name, List.of(arguments), variadic, returns, true));
  }
}
