package dev.tocsin.promql.differential;

import java.util.List;
import java.util.Random;

/**
 * Random well-typed queries of the language that Prometheus 2.42 has. Left out is what 3.x does
 * otherwise: rate over gaps (2.42 looks for the zero of a counter first), atan2 (2.42 keeps the
 * name), a minus before series that differ in name only (2.42 fails), stddev of NaN and Inf; and
 * what magnifies the last bit: ^, % and sines of large numbers.
 */
final class QueryGenerator {
  private static final List<String> OVER_RANGE =
      List.of(
          "delta",
          "irate",
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
          "present_over_time");

  /**
   * On series with gaps 2.42 differs: it looks for the zero of a counter before it looks for gaps.
   */
  private static final List<String> COUNTER_ONLY = List.of("rate", "increase");

  private static final List<String> OF_VECTOR =
      List.of(
          "abs", "ceil", "floor", "exp", "sgn", "atan", "tanh", "asinh", "deg", "rad", "timestamp");
  private static final List<String> AGGREGATORS =
      List.of("sum", "avg", "count", "min", "max", "group");
  private static final List<String> ARITHMETIC = List.of("+", "-", "*", "/");
  private static final List<String> COMPARISON = List.of("==", "!=", ">", "<", ">=", "<=");
  private static final List<String> METRICS = List.of("counter_total", "gauge", "gappy");
  private static final List<String> MATCHERS =
      List.of(
          "",
          "{job=\"a\"}",
          "{job=~\"a|b\"}",
          "{instance!=\"2\"}",
          "{instance!~\"1.*\",job!=\"\"}");
  private static final List<String> RANGES = List.of("61s", "2m3s", "4m57s", "10m1s");
  private static final List<String> GROUPINGS =
      List.of(
          "",
          " by (job)",
          " by (instance)",
          " without (instance)",
          " by (job, instance)",
          " without (job)");

  private final Random random;

  QueryGenerator(long seed) {
    this.random = new Random(seed);
  }

  private String pick(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String selector() {
    return pick(METRICS) + pick(MATCHERS);
  }

  private String modifier() {
    return switch (random.nextInt(8)) {
      case 0 -> " offset 1m";
      case 1 -> " offset -31s";
      case 2 -> " @ 1700001000.5";
      case 3 -> " @ end()";
      default -> "";
    };
  }

  /** An instant vector. */
  String vector(int depth) {
    if (depth <= 0) {
      return selector() + modifier();
    }
    return switch (random.nextInt(15)) {
      case 0, 1 -> pick(OVER_RANGE) + "(" + range(depth) + ")";
      case 2 ->
          pick(COUNTER_ONLY)
              + "(counter_total"
              + pick(MATCHERS)
              + "["
              + pick(RANGES)
              + "]"
              + modifier()
              + ")";
      case 3, 4 -> pick(AGGREGATORS) + pick(GROUPINGS) + " (" + vector(depth - 1) + ")";
      case 5 -> pick(OF_VECTOR) + "(" + vector(depth - 1) + ")";
      case 6 -> "(" + vector(depth - 1) + " " + pick(ARITHMETIC) + " " + scalar(depth - 1) + ")";
      case 7 -> "(" + scalar(depth - 1) + " " + pick(ARITHMETIC) + " " + vector(depth - 1) + ")";
      case 8 ->
          "("
              + vector(depth - 1)
              + " "
              + pick(COMPARISON)
              + pick(List.of(" ", " bool "))
              + scalar(depth - 1)
              + ")";
      case 9 -> joined(depth);
      case 10 -> set(depth);
      case 11 ->
          "quantile"
              + pick(GROUPINGS)
              + " ("
              + pick(List.of("0.5", "0.9", "0", "-1"))
              + ", "
              + vector(depth - 1)
              + ")";
      case 12 ->
          "histogram_quantile(0."
              + random.nextInt(1, 10)
              + ", sum by (le, job) (rate(h_bucket["
              + pick(RANGES)
              + "])))";
      case 13 -> other(depth);
      default -> "-" + selector();
    };
  }

  private String range(int depth) {
    if (random.nextInt(4) == 0) {
      return vector(Math.min(depth - 1, 1)).replace("@ end()", "") + "[7m1s:47s]";
    }
    return selector() + "[" + pick(RANGES) + "]" + modifier();
  }

  private String joined(int depth) {
    String left = pick(AGGREGATORS) + " by (job) (" + vector(depth - 1) + ")";
    String right = pick(AGGREGATORS) + " by (job) (" + vector(depth - 1) + ")";
    if (random.nextBoolean()) {
      return "(" + left + " " + pick(ARITHMETIC) + " " + right + ")";
    }
    return "("
        + selector()
        + " "
        + pick(random.nextBoolean() ? ARITHMETIC : COMPARISON)
        + " on (job) group_left () "
        + right
        + ")";
  }

  private String set(int depth) {
    String matching = pick(List.of("", " on (job)", " ignoring (instance)", " on ()"));
    return "("
        + vector(depth - 1)
        + " "
        + pick(List.of("and", "or", "unless"))
        + matching
        + " "
        + vector(depth - 1)
        + ")";
  }

  private String other(int depth) {
    return switch (random.nextInt(8)) {
      case 0 -> "clamp(" + vector(depth - 1) + ", 1, 20)";
      case 1 -> "round(" + vector(depth - 1) + ", 0.5)";
      case 2 -> "absent(" + selector() + ")";
      case 3 -> "predict_linear(gauge[" + pick(RANGES) + "], 600)";
      case 4 -> "quantile_over_time(0.7, " + range(depth) + ")";
      case 5 -> "label_replace(" + vector(depth - 1) + ", \"x\", \"$1-y\", \"job\", \"(.)\")";
      case 6 -> "count_values(\"v\", " + selector() + " > 3)";
      default -> "topk(2, gauge" + pick(MATCHERS) + ")";
    };
  }

  private String scalar(int depth) {
    return switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0 -> "time()";
      case 1 -> "2.5";
      case 2 -> "-3";
      case 3 -> "0.1";
      case 4 -> "scalar(" + pick(AGGREGATORS) + "(" + vector(depth - 1) + "))";
      default -> "(1 + " + scalar(depth - 1) + ")";
    };
  }
}
