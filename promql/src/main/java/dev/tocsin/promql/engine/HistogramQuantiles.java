package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.Call;
import dev.tocsin.promql.ast.Expr;
import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.StringLiteral;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * histogram_quantile, histogram_fraction and histogram_quantiles over classic buckets and native
 * histograms.
 */
final class HistogramQuantiles {
  private record ClassicBucket(double bound, StepSeries series) {}

  /** The classic buckets and the native histogram that share all labels but the bucket bound. */
  private static final class Group {
    final List<ClassicBucket> buckets = new ArrayList<>();
    final List<StepSeries> natives = new ArrayList<>();
  }

  private final QueryState state;
  private final int steps;
  private final SourceRange vectorPlace;
  private final SourceRange firstPlace;
  private final Map<Labels, Group> groups = new LinkedHashMap<>();
  private final List<StepSeries> result = new ArrayList<>();

  private HistogramQuantiles(Evaluator evaluator, Call call, Expr vector) {
    this.state = evaluator.state;
    this.steps = evaluator.steps.count();
    this.vectorPlace = vector.position();
    this.firstPlace = call.arguments().get(0).position();
    for (StepSeries series : evaluator.vector(vector)) {
      gather(series);
    }
  }

  static List<StepSeries> evaluate(Evaluator evaluator, Call call) {
    List<Expr> arguments = call.arguments();
    return switch (call.function().name()) {
      case "histogram_quantile" -> {
        double[] q = evaluator.scalar(arguments.get(0));
        HistogramQuantiles work = new HistogramQuantiles(evaluator, call, arguments.get(1));
        work.quantiles(q, arguments.get(0), "");
        yield work.finish();
      }
      case "histogram_fraction" -> {
        double[] lower = evaluator.scalar(arguments.get(0));
        double[] upper = evaluator.scalar(arguments.get(1));
        HistogramQuantiles work = new HistogramQuantiles(evaluator, call, arguments.get(2));
        work.fractions(lower, upper);
        yield work.finish();
      }
      default -> {
        String label = ((StringLiteral) arguments.get(1).unwrapped()).value();
        HistogramQuantiles work = new HistogramQuantiles(evaluator, call, arguments.get(0));
        for (Expr quantile : arguments.subList(2, arguments.size())) {
          work.quantiles(evaluator.scalar(quantile), quantile, label);
        }
        yield work.finish();
      }
    };
  }

  private void gather(StepSeries series) {
    boolean floats = false;
    for (int i = 0; i < steps && !floats; i++) {
      floats = series.hasFloat(i);
    }
    if (series.histograms != null) {
      groups.computeIfAbsent(series.labels, k -> new Group()).natives.add(series);
    }
    if (!floats) {
      return;
    }
    String text = series.labels.getOrEmpty(Labels.BUCKET_BOUND);
    Double bound = Numbers.parse(text);
    if (bound == null) {
      state.notes.badBucketLabel(noteName(series.labels), text, vectorPlace);
      return;
    }
    Labels labels = series.labels.without(Labels.BUCKET_BOUND);
    groups.computeIfAbsent(labels, k -> new Group()).buckets.add(new ClassicBucket(bound, series));
  }

  /** Without delayed name removal the name is gone before the note is written. */
  private String noteName(Labels labels) {
    return state.delayedNameRemoval() ? labels.metricName() : "";
  }

  private interface OfNative {
    double apply(Histogram histogram, int step, String metric);
  }

  private interface OfClassic {
    double apply(ClassicBuckets buckets, int step);
  }

  private void quantiles(double[] q, Expr argument, String label) {
    for (double one : q) {
      if (!(one >= 0 && one <= 1)) {
        state.notes.invalidQuantile(one, argument.position());
      }
    }
    each(
        (histogram, i, metric) -> nativeQuantile(histogram, q[i], metric),
        (buckets, i) -> buckets.quantile(q[i]),
        label.isEmpty() ? null : new QuantileLabel(label, q));
  }

  private double nativeQuantile(Histogram histogram, double q, String metric) {
    double value = histogram.quantile(q);
    if (Double.isNaN(histogram.sum()) && q >= 0 && q <= 1 && histogram.count() != 0) {
      state.notes.nanObservations(
          "histogram_quantile",
          Double.isNaN(value) ? "result is NaN" : "result is skewed higher",
          metric,
          firstPlace);
    }
    return value;
  }

  private void fractions(double[] lower, double[] upper) {
    each(
        (histogram, i, metric) -> {
          boolean undefined =
              histogram.count() == 0 || Double.isNaN(lower[i]) || Double.isNaN(upper[i]);
          if (Double.isNaN(histogram.sum()) && !undefined) {
            state.notes.nanObservations(
                "histogram_fraction", "which are excluded from all fractions", metric, firstPlace);
          }
          return histogram.fraction(lower[i], upper[i]);
        },
        (buckets, i) -> buckets.fraction(lower[i], upper[i]),
        null);
  }

  /** The label histogram_quantiles adds, whose value may change from step to step. */
  private record QuantileLabel(String name, List<Double> q) {
    QuantileLabel(String name, double[] q) {
      this(name, Arrays.stream(q).boxed().toList());
    }

    Labels on(Labels labels, int step) {
      return labels.with(name, OpenMetricsFloat.print(q.get(step)));
    }
  }

  private void each(
      OfNative ofNative,
      OfClassic ofClassic,
      @org.jspecify.annotations.Nullable QuantileLabel label) {
    groups.forEach(
        (labels, group) -> {
          Map<Labels, StepSeries> outputs = new LinkedHashMap<>();
          for (int i = 0; i < steps; i++) {
            int step = i;
            Labels named = state.nameless(label == null ? labels : label.on(labels, i));
            StepSeries out =
                outputs.computeIfAbsent(named, key -> StepSeries.absent(key, true, steps));
            point(group, labels, step, out, ofNative, ofClassic);
          }
          outputs.values().stream().filter(series -> !series.isEmpty()).forEach(result::add);
        });
  }

  private void point(
      Group group,
      Labels labels,
      int step,
      StepSeries out,
      OfNative ofNative,
      OfClassic ofClassic) {
    ClassicBuckets buckets = new ClassicBuckets(group.buckets.size());
    for (ClassicBucket bucket : group.buckets) {
      if (bucket.series.hasFloat(step)) {
        buckets.add(bucket.bound, bucket.series.values[step]);
      }
    }
    for (StepSeries series : group.natives) {
      Histogram histogram = series.histogram(step);
      if (histogram == null) {
        continue;
      } else if (!buckets.isEmpty()) {
        state.notes.mixedClassicNative(noteName(labels), vectorPlace);
        return;
      }
      out.values[step] = Absent.clean(ofNative.apply(histogram, step, noteName(labels)));
    }
    if (!buckets.isEmpty()) {
      out.values[step] = Absent.clean(ofClassic.apply(buckets, step));
      if (buckets.fixed()) {
        state.notes.forcedMonotonicity(noteName(labels), vectorPlace);
      }
    }
  }

  private List<StepSeries> finish() {
    return state.distinct(result);
  }
}
