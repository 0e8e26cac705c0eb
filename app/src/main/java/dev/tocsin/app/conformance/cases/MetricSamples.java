package dev.tocsin.app.conformance.cases;

import dev.tocsin.app.conformance.check.Samples;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Metrics of every kind, good and bad, each with one point. */
final class MetricSamples {
  /** A metric that receivers have to take. */
  record Valid(String what, Function<Samples, Metric> make) {}

  /** A metric that is wrong in one way. */
  record Invalid(String item, String what, Function<Samples, Metric> make) {}

  private static final AggregationTemporality DELTA =
      AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  private static final AggregationTemporality CUMULATIVE =
      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
  private static final AggregationTemporality UNSPECIFIED =
      AggregationTemporality.AGGREGATION_TEMPORALITY_UNSPECIFIED;

  static final Map<String, Valid> VALID = valid();
  static final Map<String, Invalid> INVALID = invalid();

  private MetricSamples() {}

  private static Map<String, Valid> valid() {
    Map<String, Valid> metrics = new LinkedHashMap<>();
    metrics.put("gauge", new Valid("a gauge", s -> s.metric(s.point().setAsDouble(0.5))));
    metrics.put("sum-delta", new Valid("a delta sum", s -> sum(s, DELTA)));
    metrics.put("sum-cumulative", new Valid("a cumulative sum", s -> sum(s, CUMULATIVE)));
    metrics.put(
        "histogram-delta", new Valid("a delta histogram", s -> histogram(DELTA, buckets(s))));
    metrics.put(
        "histogram-cumulative",
        new Valid("a cumulative histogram", s -> histogram(CUMULATIVE, buckets(s))));
    metrics.put(
        "histogram-without-buckets",
        new Valid(
            "a histogram without buckets",
            s -> histogram(DELTA, buckets(s).clearBucketCounts().clearExplicitBounds())));
    metrics.put(
        "exponential-delta",
        new Valid("a delta exponential histogram", s -> exponential(DELTA, scale(s, 3))));
    metrics.put(
        "exponential-cumulative",
        new Valid(
            "a cumulative exponential histogram", s -> exponential(CUMULATIVE, scale(s, -2))));
    metrics.put("summary", new Valid("a summary", s -> summary(s)));
    return metrics;
  }

  private static Map<String, Invalid> invalid() {
    Map<String, Invalid> metrics = new LinkedHashMap<>();
    metrics.put(
        "zero-time",
        new Invalid("O-38", "a point of time 0", s -> s.metric(s.point().clearTimeUnixNano())));
    metrics.put(
        "no-temporality",
        new Invalid("O-38", "a sum without temporality", s -> sum(s, UNSPECIFIED)));
    metrics.put(
        "missing-bucket",
        new Invalid(
            "O-39",
            "a histogram with as many buckets as bounds",
            s ->
                histogram(
                    DELTA,
                    buckets(s)
                        .clearBucketCounts()
                        .addAllBucketCounts(List.of(1L, 2L))
                        .setCount(3))));
    metrics.put(
        "unordered-bounds",
        new Invalid(
            "O-39",
            "a histogram whose bounds do not increase",
            s ->
                histogram(
                    DELTA,
                    buckets(s).clearExplicitBounds().addAllExplicitBounds(List.of(5.0, 5.0)))));
    metrics.put(
        "overflowing-buckets",
        new Invalid(
            "O-39",
            "an exponential histogram with buckets beyond all doubles",
            s ->
                exponential(
                    DELTA,
                    scale(s, 0)
                        .setPositive(
                            ExponentialHistogramDataPoint.Buckets.newBuilder()
                                .setOffset(Integer.MAX_VALUE - 1)
                                .addAllBucketCounts(List.of(1L, 2L))))));
    return metrics;
  }

  static Metric withExemplar(Samples samples) {
    return samples.metric(
        samples
            .point()
            .addExemplars(
                Exemplar.newBuilder()
                    .setTimeUnixNano(samples.nowNanos())
                    .setAsDouble(0.5)
                    .setTraceId(samples.id(16))
                    .setSpanId(samples.id(8))
                    .addFilteredAttributes(Samples.attribute("user", Samples.text("1")))));
  }

  private static Metric sum(Samples samples, AggregationTemporality temporality) {
    return Metric.newBuilder()
        .setName("conformance.sum")
        .setSum(
            Sum.newBuilder()
                .setIsMonotonic(true)
                .setAggregationTemporality(temporality)
                .addDataPoints(samples.point()))
        .build();
  }

  private static Metric histogram(
      AggregationTemporality temporality, HistogramDataPoint.Builder point) {
    return Metric.newBuilder()
        .setName("conformance.histogram")
        .setHistogram(
            Histogram.newBuilder().setAggregationTemporality(temporality).addDataPoints(point))
        .build();
  }

  private static HistogramDataPoint.Builder buckets(Samples samples) {
    return HistogramDataPoint.newBuilder()
        .setStartTimeUnixNano(samples.startNanos())
        .setTimeUnixNano(samples.nowNanos())
        .setCount(6)
        .setSum(12)
        .addAllBucketCounts(List.of(1L, 2L, 3L))
        .addAllExplicitBounds(List.of(1.0, 2.0));
  }

  private static Metric exponential(
      AggregationTemporality temporality, ExponentialHistogramDataPoint.Builder point) {
    return Metric.newBuilder()
        .setName("conformance.exponential")
        .setExponentialHistogram(
            ExponentialHistogram.newBuilder()
                .setAggregationTemporality(temporality)
                .addDataPoints(point))
        .build();
  }

  private static ExponentialHistogramDataPoint.Builder scale(Samples samples, int scale) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setStartTimeUnixNano(samples.startNanos())
        .setTimeUnixNano(samples.nowNanos())
        .setScale(scale)
        .setCount(3)
        .setSum(5)
        .setPositive(
            ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(1)
                .addAllBucketCounts(List.of(1L, 2L)));
  }

  private static Metric summary(Samples samples) {
    return Metric.newBuilder()
        .setName("conformance.summary")
        .setSummary(
            Summary.newBuilder()
                .addDataPoints(
                    SummaryDataPoint.newBuilder()
                        .setStartTimeUnixNano(samples.startNanos())
                        .setTimeUnixNano(samples.nowNanos())
                        .setCount(2)
                        .setSum(3)
                        .addQuantileValues(
                            SummaryDataPoint.ValueAtQuantile.newBuilder()
                                .setQuantile(0.5)
                                .setValue(1.5))))
        .build();
  }
}
