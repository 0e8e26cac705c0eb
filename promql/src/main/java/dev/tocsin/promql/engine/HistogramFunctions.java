package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * histogram_count, histogram_sum, histogram_avg, histogram_stddev and histogram_stdvar; floats fall
 * away.
 */
final class HistogramFunctions {
  private HistogramFunctions() {}

  static List<StepSeries> evaluate(Evaluator evaluator, Call call) {
    QueryState state = evaluator.state;
    ToDoubleFunction<Histogram> function = function(call.function().name());
    List<StepSeries> result = new ArrayList<>();
    evaluator.each(
        call.arguments().get(0),
        series -> {
          StepSeries mapped =
              StepSeries.absent(state.nameless(series.labels), true, series.values.length);
          for (int i = 0; i < series.values.length; i++) {
            Histogram histogram = series.histogram(i);
            if (histogram != null) {
              mapped.values[i] = Absent.clean(function.applyAsDouble(histogram));
            }
          }
          if (!mapped.isEmpty()) {
            result.add(mapped);
          }
        });
    return state.distinct(result);
  }

  private static ToDoubleFunction<Histogram> function(String name) {
    return switch (name) {
      case "histogram_count" -> Histogram::count;
      case "histogram_sum" -> Histogram::sum;
      case "histogram_avg" -> h -> h.sum() / h.count();
      case "histogram_stddev" -> h -> Math.sqrt(h.variance());
      case "histogram_stdvar" -> Histogram::variance;
      default -> throw PromqlException.execution("unknown function with name \"" + name + "\"");
    };
  }
}
