package dev.tocsin.promql.engine;

import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.ast.Call;
import java.util.List;

/** histogram_count, histogram_sum, histogram_avg, histogram_stddev and histogram_stdvar. */
final class HistogramFunctions {
  private HistogramFunctions() {}

  static List<StepSeries> evaluate(Evaluator evaluator, Call call) {
    evaluator.state.check();
    throw PromqlException.execution("function " + call.function().name() + " is not implemented");
  }
}
