package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.ValueType;
import dev.tocsin.promql.ast.VectorSelector;
import dev.tocsin.promql.engine.RangeSelection.Arguments;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;

/** Finds the implementation of a function call. */
final class Functions {
  private static final Map<String, RangeFunction> RANGE =
      Map.ofEntries(
          Map.entry("rate", new ChangeFunction(RateFunctions::rate)),
          Map.entry("increase", new ChangeFunction(RateFunctions::increase)),
          Map.entry("delta", new ChangeFunction(RateFunctions::delta)),
          Map.entry("irate", RateFunctions::irate),
          Map.entry("idelta", RateFunctions::idelta),
          Map.entry("deriv", TrendFunctions::deriv),
          Map.entry("predict_linear", TrendFunctions::predictLinear),
          Map.entry("changes", TrendFunctions::changes),
          Map.entry("resets", TrendFunctions::resets),
          Map.entry("avg_over_time", OverTimeFunctions::avg),
          Map.entry("min_over_time", OverTimeFunctions::min),
          Map.entry("max_over_time", OverTimeFunctions::max),
          Map.entry("sum_over_time", OverTimeFunctions::sum),
          Map.entry("count_over_time", OverTimeFunctions::count),
          Map.entry("stddev_over_time", OverTimeFunctions::stddev),
          Map.entry("stdvar_over_time", OverTimeFunctions::stdvar),
          Map.entry("quantile_over_time", OverTimeFunctions::quantile),
          Map.entry("mad_over_time", OverTimeFunctions::mad),
          Map.entry("last_over_time", OverTimeFunctions::last),
          Map.entry("first_over_time", OverTimeFunctions::first),
          Map.entry("present_over_time", OverTimeFunctions::present),
          Map.entry("absent_over_time", OverTimeFunctions::present),
          Map.entry("ts_of_first_over_time", OverTimeFunctions::timeOfFirst),
          Map.entry("ts_of_last_over_time", OverTimeFunctions::timeOfLast),
          Map.entry("ts_of_max_over_time", OverTimeFunctions::timeOfMax),
          Map.entry("ts_of_min_over_time", OverTimeFunctions::timeOfMin),
          Map.entry("double_exponential_smoothing", OverTimeFunctions::smoothed));

  private Functions() {}

  static void each(Evaluator evaluator, Call call, Consumer<StepSeries> sink) {
    String name = call.function().name();
    RangeFunction range = RANGE.get(name);
    DoubleUnaryOperator math = MathFunctions.BY_NAME.get(name);
    if (range != null) {
      overRange(evaluator, call, range, sink);
    } else if (math != null) {
      mapped(evaluator, call, math, sink);
    } else if (MathFunctions.DATE_PARTS.containsKey(name)) {
      datePart(evaluator, call, sink);
    } else {
      other(evaluator, call, name).forEach(sink);
    }
  }

  private static List<StepSeries> other(Evaluator evaluator, Call call, String name) {
    return switch (name) {
      case "vector" ->
          List.of(new StepSeries(Labels.empty(), false, evaluator.scalar(call.arguments().get(0))));
      case "absent" -> AbsentFunctions.absent(evaluator, call);
      case "info" -> InfoFunction.evaluate(evaluator, call);
      case "timestamp" -> timestamp(evaluator, call);
      case "round", "clamp", "clamp_min", "clamp_max" -> bounded(evaluator, call, name);
      case "sort", "sort_desc", "sort_by_label", "sort_by_label_desc" ->
          SortFunctions.sort(evaluator, call);
      case "label_replace" -> LabelFunctions.replace(evaluator, call);
      case "label_join" -> LabelFunctions.join(evaluator, call);
      case "histogram_quantile", "histogram_fraction", "histogram_quantiles" ->
          HistogramQuantiles.evaluate(evaluator, call);
      default -> HistogramFunctions.evaluate(evaluator, call);
    };
  }

  private static void overRange(
      Evaluator evaluator, Call call, RangeFunction function, Consumer<StepSeries> sink) {
    String name = call.function().name();
    Expr range = call.arguments().get(0);
    List<double[]> scalars = new ArrayList<>();
    for (Expr argument : call.arguments()) {
      if (argument.type() == ValueType.MATRIX) {
        range = argument;
      } else {
        scalars.add(evaluator.scalar(argument));
      }
    }
    Arguments arguments =
        new Arguments(
            scalars.isEmpty() ? null : scalars.get(0), scalars.size() < 2 ? null : scalars.get(1));
    RangeSelection selection = new RangeSelection(evaluator, range);
    if (name.equals("absent_over_time")) {
      AbsentFunctions.absentOverTime(evaluator, range, selection, function).forEach(sink);
      return;
    }
    boolean keepName = name.equals("last_over_time") || name.equals("first_over_time");
    if (evaluator.state.delayedNameRemoval() || keepName || selection.isOfOneMetric()) {
      selection.each(function, arguments, keepName, sink);
      return;
    }
    DistinctSink distinct = new DistinctSink(evaluator.state);
    selection.each(function, arguments, false, distinct);
    distinct.drain(sink);
  }

  private static void mapped(
      Evaluator evaluator, Call call, DoubleUnaryOperator function, Consumer<StepSeries> sink) {
    QueryState state = evaluator.state;
    List<StepSeries> mapped = new ArrayList<>();
    evaluator.each(
        call.arguments().get(0), series -> mapped.add(Elementwise.map(state, series, function)));
    state.distinct(mapped).forEach(sink);
  }

  private static void datePart(Evaluator evaluator, Call call, Consumer<StepSeries> sink) {
    DoubleUnaryOperator part = MathFunctions.datePart(call.function().name());
    if (!call.arguments().isEmpty()) {
      mapped(evaluator, call, part, sink);
      return;
    }
    double[] values = new double[evaluator.steps.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = part.applyAsDouble((double) Math.floorDiv(evaluator.steps.time(i), 1000L));
    }
    sink.accept(new StepSeries(Labels.empty(), false, values));
  }

  private static List<StepSeries> timestamp(Evaluator evaluator, Call call) {
    QueryState state = evaluator.state;
    List<StepSeries> result = new ArrayList<>();
    if (call.arguments().get(0).unwrapped() instanceof VectorSelector selector) {
      new InstantSelection(evaluator, selector)
          .each(series -> result.add(series.relabelled(state.nameless(series.labels), true)), true);
      return state.distinct(result);
    }
    evaluator.each(
        call.arguments().get(0),
        series -> {
          double[] values = StepSeries.absentValues(series.values.length);
          for (int i = 0; i < values.length; i++) {
            values[i] = series.has(i) ? evaluator.steps.time(i) / 1000.0 : Absent.VALUE;
          }
          result.add(new StepSeries(state.nameless(series.labels), true, values));
        });
    return state.distinct(result);
  }

  private static List<StepSeries> bounded(Evaluator evaluator, Call call, String name) {
    List<Expr> arguments = call.arguments();
    double[] first =
        arguments.size() > 1 ? evaluator.scalar(arguments.get(1)) : evaluator.constant(1);
    double[] second = arguments.size() > 2 ? evaluator.scalar(arguments.get(2)) : first;
    List<StepSeries> result = new ArrayList<>();
    evaluator.each(
        arguments.get(0),
        series -> {
          double[] values = StepSeries.absentValues(series.values.length);
          for (int i = 0; i < values.length; i++) {
            if (series.hasFloat(i)) {
              values[i] = bound(name, series.values[i], first[i], second[i]);
            }
          }
          result.add(new StepSeries(evaluator.state.nameless(series.labels), true, values));
        });
    return evaluator.state.distinct(result);
  }

  private static double bound(String name, double value, double first, double second) {
    return switch (name) {
      case "round" -> Absent.clean(MathFunctions.round(first).applyAsDouble(value));
      case "clamp_min" -> MathFunctions.clamp(value, first, Double.POSITIVE_INFINITY);
      case "clamp_max" -> MathFunctions.clamp(value, Double.NEGATIVE_INFINITY, first);
      default -> second < first ? Absent.VALUE : MathFunctions.clamp(value, first, second);
    };
  }

  static double[] scalar(Evaluator evaluator, Call call) {
    Steps steps = evaluator.steps;
    QueryState state = evaluator.state;
    switch (call.function().name()) {
      case "time" -> {
        double[] values = new double[steps.count()];
        for (int i = 0; i < values.length; i++) {
          values[i] = steps.time(i) / 1000.0;
        }
        return values;
      }
      case "scalar" -> {
        return onlyFloat(evaluator, call.arguments().get(0));
      }
      case "min_of", "max_of" -> {
        return extremes(evaluator, call);
      }
      case "pi" -> {
        return evaluator.constant(Math.PI);
      }
      case "start" -> {
        return evaluator.constant(state.startMs / 1000.0);
      }
      case "end" -> {
        return evaluator.constant(state.endMs / 1000.0);
      }
      case "step" -> {
        return evaluator.constant(state.stepMs / 1000.0);
      }
      default -> {
        return evaluator.constant((state.endMs - state.startMs) / 1000.0);
      }
    }
  }

  private static double[] extremes(Evaluator evaluator, Call call) {
    double[] left = evaluator.scalar(call.arguments().get(0));
    double[] right = evaluator.scalar(call.arguments().get(1));
    boolean least = call.function().name().equals("min_of");
    for (int i = 0; i < left.length; i++) {
      left[i] = Absent.clean(least ? Math.min(left[i], right[i]) : Math.max(left[i], right[i]));
    }
    return left;
  }

  private static double[] onlyFloat(Evaluator evaluator, Expr vector) {
    int[] found = new int[evaluator.steps.count()];
    double[] values = evaluator.constant(Double.NaN);
    evaluator.each(
        vector,
        series -> {
          for (int i = 0; i < found.length; i++) {
            if (series.hasFloat(i)) {
              values[i] = ++found[i] == 1 ? series.values[i] : Double.NaN;
            }
          }
        });
    return values;
  }
}
