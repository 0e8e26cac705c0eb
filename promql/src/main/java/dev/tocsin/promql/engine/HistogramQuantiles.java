package dev.tocsin.promql.engine;

import dev.tocsin.promql.Labels;
import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.parse.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** histogram_quantile over classic buckets. */
final class HistogramQuantiles {
  private HistogramQuantiles() {}

  private record Bucket(double bound, StepSeries series) {}

  static List<StepSeries> evaluate(Evaluator evaluator, Call call) {
    QueryState state = evaluator.state;
    SourceRange place = call.arguments().get(1).position();
    double[] q = evaluator.scalar(call.arguments().get(0));
    for (double one : q) {
      if (!(one >= 0 && one <= 1)) {
        state.notes.invalidQuantile(one, call.arguments().get(0).position());
      }
    }
    Map<Labels, List<Bucket>> groups = new LinkedHashMap<>();
    for (StepSeries series : evaluator.vector(call.arguments().get(1))) {
      String text = series.labels.getOrEmpty(Labels.BUCKET_BOUND);
      Double bound = Numbers.parse(text);
      if (bound == null) {
        state.notes.badBucketLabel(series.labels.metricName(), text, place);
        continue;
      }
      Labels labels = series.labels.without(Labels.BUCKET_BOUND);
      groups.computeIfAbsent(labels, key -> new ArrayList<>()).add(new Bucket(bound, series));
    }
    List<StepSeries> result = new ArrayList<>();
    groups.forEach((labels, buckets) -> result.add(quantiles(state, labels, buckets, q, place)));
    return state.distinct(result);
  }

  private static StepSeries quantiles(
      QueryState state, Labels labels, List<Bucket> group, double[] q, SourceRange place) {
    StepSeries result = StepSeries.absent(state.nameless(labels), true, q.length);
    for (int i = 0; i < q.length; i++) {
      ClassicBuckets buckets = new ClassicBuckets(group.size());
      for (Bucket bucket : group) {
        if (bucket.series.hasFloat(i)) {
          buckets.add(bucket.bound, bucket.series.values[i]);
        }
      }
      if (!buckets.isEmpty()) {
        result.values[i] = Absent.clean(buckets.quantile(q[i]));
        if (buckets.fixed()) {
          state.notes.forcedMonotonicity(
              state.delayedNameRemoval() ? labels.metricName() : "", place);
        }
      }
    }
    return result;
  }
}
