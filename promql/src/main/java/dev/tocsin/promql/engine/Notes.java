package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.engine.Annotation.Level;
import dev.tocsin.promql.series.LabelText;
import dev.tocsin.promql.text.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The annotations of one query, each text once. The texts are Prometheus's. */
final class Notes {
  private final Map<String, Annotation> all = new LinkedHashMap<>();

  List<Annotation> list() {
    return new ArrayList<>(all.values());
  }

  void warn(String text, SourceRange place) {
    add(Level.WARNING, "PromQL warning: " + text, place);
  }

  void info(String text, SourceRange place) {
    add(Level.INFO, "PromQL info: " + text, place);
  }

  private void add(Level level, String message, SourceRange place) {
    all.computeIfAbsent(message, text -> new Annotation(level, text, place.start()));
  }

  private static String named(String metric) {
    return metric.isEmpty() ? "" : " for metric name " + LabelText.quote(metric);
  }

  void invalidQuantile(double quantile, SourceRange place) {
    warn("quantile value should be between 0 and 1, got " + Numbers.print(quantile), place);
  }

  void invalidRatio(double ratio, double used, SourceRange place) {
    warn(
        "ratio value should be between -1 and 1, got "
            + Numbers.print(ratio)
            + ", capping to "
            + Numbers.print(used),
        place);
  }

  void badBucketLabel(String metric, String bound, SourceRange place) {
    warn(
        "bucket label \"le\" is missing or has a malformed value of "
            + LabelText.quote(bound)
            + named(metric),
        place);
  }

  void mixedFloatsHistograms(String metric, SourceRange place) {
    warn("encountered a mix of histograms and floats" + named(metric), place);
  }

  void mixedFloatsHistogramsInAggregation(SourceRange place) {
    warn("encountered a mix of histograms and floats for aggregation", place);
  }

  void mixedClassicNative(String metric, SourceRange place) {
    warn("vector contains a mix of classic and native histograms" + named(metric), place);
  }

  void notCounter(String metric, SourceRange place) {
    warn("this native histogram metric is not a counter: " + LabelText.quote(metric), place);
  }

  void notGauge(String metric, SourceRange place) {
    warn("this native histogram metric is not a gauge: " + LabelText.quote(metric), place);
  }

  void mixedExponentialCustom(String metric, SourceRange place) {
    warn(
        "vector contains a mix of histograms with exponential and custom buckets schemas"
            + named(metric),
        place);
  }

  void counterResetCollision(String operation, SourceRange place) {
    warn("conflicting counter resets during histogram " + operation, place);
  }

  void boundsReconciled(String operation, SourceRange place) {
    info("mismatched custom buckets were reconciled during " + operation, place);
  }

  void possiblyNotCounter(String metric, SourceRange place) {
    info(
        "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
            + LabelText.quote(metric),
        place);
  }

  void histogramIgnoredInMixedRange(String metric, SourceRange place) {
    info(
        "ignored histograms in a range containing both floats and histograms" + named(metric),
        place);
  }

  void histogramIgnoredInAggregation(String aggregation, SourceRange place) {
    info("ignored histogram in " + aggregation + " aggregation", place);
  }

  void forcedMonotonicity(String metric, SourceRange place) {
    info(
        "input to histogram_quantile needed to be fixed for monotonicity (see"
            + " https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
            + named(metric),
        place);
  }

  void incompatibleTypes(String leftType, String operator, String rightType, SourceRange place) {
    info(
        "incompatible sample types encountered for binary operator "
            + LabelText.quote(operator)
            + ": "
            + leftType
            + " "
            + operator
            + " "
            + rightType,
        place);
  }

  void incompatibleBuckets(String operator, SourceRange place) {
    warn("incompatible bucket layout encountered for binary operator " + operator, place);
  }

  void nanObservations(String function, String effect, String metric, SourceRange place) {
    info("input to " + function + " has NaN observations, " + effect + named(metric), place);
  }
}
