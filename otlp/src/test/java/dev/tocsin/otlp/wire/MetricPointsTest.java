package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which points are rejected, and that all others go on as they came. */
class MetricPointsTest {
  private static final AggregationTemporality DELTA =
      AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
  private static final int UNLIMITED = Integer.MAX_VALUE;

  @Test
  void points_withoutTime_areRejected_ofEveryKind() throws Exception {
    var number = NumberDataPoint.newBuilder().setTimeUnixNano(1).setAsInt(7).build();
    var late = NumberDataPoint.newBuilder().setAsInt(8).build();
    var summary = SummaryDataPoint.newBuilder().setTimeUnixNano(1).setCount(3).build();
    var none = SummaryDataPoint.newBuilder().setCount(4).build();
    assertKept(
        Metric.newBuilder().setGauge(Gauge.newBuilder().addDataPoints(late).addDataPoints(number)),
        Metric.newBuilder().setGauge(Gauge.newBuilder().addDataPoints(number)),
        Map.of(Rejection.INVALID_TIME, 1));
    assertKept(
        sum(Sum.newBuilder().setIsMonotonic(true).addDataPoints(number).addDataPoints(late)),
        sum(Sum.newBuilder().setIsMonotonic(true).addDataPoints(number)),
        Map.of(Rejection.INVALID_TIME, 1));
    assertKept(
        Metric.newBuilder()
            .setUnit("s")
            .setSummary(Summary.newBuilder().addDataPoints(none).addDataPoints(summary)),
        Metric.newBuilder().setUnit("s").setSummary(Summary.newBuilder().addDataPoints(summary)),
        Map.of(Rejection.INVALID_TIME, 1));
  }

  @Test
  void points_ofUnspecifiedTemporality_areAllRejected_butNoPointsAreFine() throws Exception {
    var point = NumberDataPoint.newBuilder().setTimeUnixNano(1);
    var sum =
        Sum.newBuilder().addDataPoints(point).addDataPoints(point.clone().clearTimeUnixNano());
    OtlpSplit split = split(request(Metric.newBuilder().setSum(sum)), 1, UNLIMITED);
    assertThat(split.parts()).isEmpty();
    assertThat(split.rejected()).isEqualTo(Map.of(Rejection.INVALID_TEMPORALITY, 2));
    var empty = request(Metric.newBuilder().setName("empty").setSum(Sum.newBuilder()));
    split = split(empty, 1, UNLIMITED);
    assertThat(split.rejected()).isEmpty();
    assertThat(split.parts().get(0).value()).isEqualTo(empty.toByteArray());
  }

  @Test
  void histograms_haveOneCountMoreThanBounds_orNone_andIncreasingBounds() throws Exception {
    assertJudged(null, histogram(0, new double[0]));
    assertJudged(null, histogram(1, new double[0]));
    assertJudged(null, histogram(3, new double[] {1, 2}));
    assertJudged(null, histogram(2, new double[] {Double.NEGATIVE_INFINITY}));
    assertJudged(null, histogram(3, new double[] {0, Double.POSITIVE_INFINITY}));
    assertJudged(Rejection.INVALID_BUCKETS, histogram(2, new double[0]));
    assertJudged(Rejection.INVALID_BUCKETS, histogram(0, new double[] {1}));
    assertJudged(Rejection.INVALID_BUCKETS, histogram(2, new double[] {1, 2}));
    assertJudged(Rejection.INVALID_BUCKETS, histogram(4, new double[] {1, 2}));
    assertJudged(Rejection.INVALID_BOUNDS, histogram(3, new double[] {2, 2}));
    assertJudged(Rejection.INVALID_BOUNDS, histogram(3, new double[] {2, 1}));
    assertJudged(Rejection.INVALID_BOUNDS, histogram(2, new double[] {Double.NaN}));
    assertJudged(Rejection.INVALID_BOUNDS, histogram(3, new double[] {1, Double.NaN}));
    assertJudged(Rejection.INVALID_BOUNDS, histogram(4, new double[] {Double.NaN, 1, 2}));
  }

  @Test
  void exponentialHistograms_lieInTheRangeOfDouble() throws Exception {
    assertJudged(null, exponential(0, 0));
    assertJudged(null, exponential(20, -10, 1, 2, 3));
    assertJudged(null, exponential(-11, 0, 5));
    // At scale 0 bucket 1023 ends with the largest double and bucket -1075 with the smallest.
    assertJudged(null, exponential(0, 1023, 1));
    assertJudged(null, exponential(0, 1023, 1, 0, 0));
    assertJudged(null, exponential(0, -1075, 1));
    assertJudged(null, exponential(0, -1076, 0, 1));
    assertJudged(Rejection.INVALID_SCALE, exponential(0, 1024, 1));
    assertJudged(Rejection.INVALID_SCALE, exponential(0, 1023, 1, 1));
    assertJudged(Rejection.INVALID_SCALE, exponential(0, -1076, 1));
    assertJudged(Rejection.INVALID_SCALE, exponential(5, Integer.MAX_VALUE, 1));
    assertJudged(Rejection.INVALID_SCALE, exponential(-12, 0));
    assertJudged(Rejection.INVALID_SCALE, exponential(53, 0));
    assertJudged(Rejection.INVALID_SCALE, exponential(Integer.MIN_VALUE, 0));
  }

  /** The law: what remains is the request without what the data model forbids, byte for byte. */
  @Test
  void remainder_hasExactlyTheRightPoints_forAnyMixture() throws Exception {
    Random random = new Random(3);
    for (int round = 0; round < 400; round++) {
      List<Metric> metrics = new ArrayList<>();
      List<Metric> kept = new ArrayList<>();
      int points = 0;
      for (int i = random.nextInt(6); i >= 0; i--) {
        var all = Histogram.newBuilder().setAggregationTemporality(DELTA);
        var good = all.clone();
        for (int p = random.nextInt(5); p > 0; p--) {
          HistogramDataPoint point = randomPoint(random);
          points++;
          all.addDataPoints(point);
          if (ReferenceModel.isValid(point)) {
            good.addDataPoints(point);
          }
        }
        metrics.add(Metric.newBuilder().setName("m" + i).setHistogram(all).build());
        if (good.getDataPointsCount() > 0 || all.getDataPointsCount() == 0) {
          kept.add(Metric.newBuilder().setName("m" + i).setHistogram(good).build());
        }
      }
      OtlpSplit split = split(request(metrics), 1 + random.nextInt(3), UNLIMITED);
      assertThat(metricsOf(split)).isEqualTo(kept);
      assertThat(split.accepted() + split.rejectedItems()).isEqualTo(points);
    }
  }

  @Test
  void metricsLargerThanARecord_areCutByPoints_andOnlyTheLargePointIsRejected() throws Exception {
    Random random = new Random(9);
    for (int round = 0; round < 100; round++) {
      var gauge = Gauge.newBuilder();
      List<NumberDataPoint> fitting = new ArrayList<>();
      int large = 0;
      for (int i = random.nextInt(60); i >= 0; i--) {
        var point = NumberDataPoint.newBuilder().setTimeUnixNano(1 + i).setAsInt(i).build();
        if (random.nextInt(10) == 0) {
          gauge.addDataPoints(
              point.toBuilder().addAttributes(RandomOtlp.attribute("k", "v".repeat(500))));
          large++;
        } else {
          gauge.addDataPoints(point);
          fitting.add(point);
        }
      }
      Metric metric = Metric.newBuilder().setName("large").setUnit("By").setGauge(gauge).build();
      OtlpSplit split = split(request(List.of(metric, metric)), 4, 400);
      assertThat(split.parts()).allMatch(part -> part.value().length <= 400);
      assertThat(metricsOf(split))
          .allMatch(m -> m.getName().equals("large") && m.getUnit().equals("By"));
      List<NumberDataPoint> twice = new ArrayList<>(fitting);
      twice.addAll(fitting);
      assertThat(metricsOf(split).stream().flatMap(m -> m.getGauge().getDataPointsList().stream()))
          .containsExactlyElementsOf(twice);
      assertThat(split.rejected().getOrDefault(Rejection.ITEM_TOO_LARGE, 0)).isEqualTo(2 * large);
    }
  }

  @Test
  void dataOfSeveralKinds_isJudgedByTheLast_asProtobufReadsIt() throws Exception {
    var bad = Metric.newBuilder().setGauge(Gauge.newBuilder().addDataPoints(point(0))).build();
    var good = sum(Sum.newBuilder().addDataPoints(point(5))).build();
    byte[] both = request(List.of(bad.toBuilder().build())).toByteArray();
    assertThat(OtlpScanner.scan(Signal.METRICS, both).rejected()).hasSize(1);
    byte[] joined = bad.toByteString().concat(good.toByteString()).toByteArray();
    assertThat(Metric.parseFrom(joined).getDataCase()).isEqualTo(Metric.DataCase.SUM);
    var request =
        OtlpScanner.scan(
            Signal.METRICS, requestOf(com.google.protobuf.ByteString.copyFrom(joined)));
    assertThat(request.items()).isEqualTo(1);
    assertThat(request.rejected()).isEmpty();
  }

  private static byte[] requestOf(com.google.protobuf.ByteString metric) {
    byte[] scope = field(2, metric.toByteArray());
    return field(1, field(2, scope));
  }

  private static byte[] field(int number, byte[] value) {
    WireOutput out = new WireOutput(WireOutput.lengthDelimitedSize(value.length));
    out.lengthDelimited(number << 3 | 2, value.length);
    out.bytes(value);
    return out.toBytes();
  }

  private static NumberDataPoint point(long time) {
    return NumberDataPoint.newBuilder().setTimeUnixNano(time).setAsInt(1).build();
  }

  private static HistogramDataPoint randomPoint(Random random) {
    var point = HistogramDataPoint.newBuilder().setTimeUnixNano(random.nextInt(4)).setSum(1);
    int bounds = random.nextInt(4);
    for (int i = 0; i < bounds; i++) {
      point.addExplicitBounds(random.nextInt(8) == 0 ? random.nextInt(3) : i * 1.5);
    }
    for (int i = random.nextInt(6) == 0 ? random.nextInt(4) : bounds + 1; i > 0; i--) {
      point.addBucketCounts(i);
    }
    return point.build();
  }

  /** The data model once more, on objects. */
  private static final class ReferenceModel {
    static boolean isValid(HistogramDataPoint point) {
      List<Double> bounds = point.getExplicitBoundsList();
      boolean increasing = bounds.stream().sorted().distinct().toList().equals(bounds);
      boolean shape =
          point.getBucketCountsCount() == bounds.size() + 1
              || (bounds.isEmpty() && point.getBucketCountsCount() == 0);
      return point.getTimeUnixNano() != 0 && increasing && shape;
    }
  }

  private static HistogramDataPoint histogram(int counts, double[] bounds) {
    var point = HistogramDataPoint.newBuilder().setTimeUnixNano(1);
    Arrays.stream(bounds).forEach(point::addExplicitBounds);
    for (int i = 0; i < counts; i++) {
      point.addBucketCounts(i);
    }
    return point.build();
  }

  private static ExponentialHistogramDataPoint exponential(int scale, int offset, long... counts) {
    var point = ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(1).setScale(scale);
    var buckets = point.getNegativeBuilder().setOffset(offset);
    Arrays.stream(counts).forEach(buckets::addBucketCounts);
    return point.build();
  }

  private static void assertJudged(
      @org.jspecify.annotations.Nullable Rejection rejection, HistogramDataPoint point)
      throws Exception {
    var histogram = Histogram.newBuilder().setAggregationTemporality(DELTA).addDataPoints(point);
    assertJudged(rejection, Metric.newBuilder().setHistogram(histogram));
  }

  private static void assertJudged(
      @org.jspecify.annotations.Nullable Rejection rejection, ExponentialHistogramDataPoint point)
      throws Exception {
    var histogram =
        ExponentialHistogram.newBuilder().setAggregationTemporality(DELTA).addDataPoints(point);
    assertJudged(rejection, Metric.newBuilder().setExponentialHistogram(histogram));
  }

  private static void assertJudged(
      @org.jspecify.annotations.Nullable Rejection rejection, Metric.Builder metric)
      throws Exception {
    OtlpSplit split = split(request(metric), 1, UNLIMITED);
    assertThat(split.rejected().keySet())
        .as(metric.toString())
        .isEqualTo(rejection == null ? java.util.Set.of() : java.util.Set.of(rejection));
    assertThat(metricsOf(split)).hasSize(rejection == null ? 1 : 0);
  }

  private static void assertKept(
      Metric.Builder metric, Metric.Builder rest, Map<Rejection, Integer> rejected)
      throws Exception {
    OtlpSplit split = split(request(metric), 1, UNLIMITED);
    assertThat(metricsOf(split)).containsExactly(rest.build());
    assertThat(split.rejected()).isEqualTo(rejected);
  }

  private static Metric.Builder sum(Sum.Builder sum) {
    return Metric.newBuilder().setName("s").setSum(sum.setAggregationTemporality(DELTA));
  }

  private static ExportMetricsServiceRequest request(Metric.Builder metric) {
    return request(List.of(metric.build()));
  }

  private static ExportMetricsServiceRequest request(List<Metric> metrics) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(metrics)))
        .build();
  }

  private static OtlpSplit split(ExportMetricsServiceRequest request, int partitions, int limit) {
    return OtlpSplitter.split(
        OtlpScanner.scan(Signal.METRICS, request.toByteArray()), partitions, limit);
  }

  private static List<Metric> metricsOf(OtlpSplit split) throws Exception {
    List<Metric> metrics = new ArrayList<>();
    for (OtlpPart part : split.parts()) {
      for (var resource :
          ExportMetricsServiceRequest.parseFrom(part.value()).getResourceMetricsList()) {
        resource.getScopeMetricsList().forEach(scope -> metrics.addAll(scope.getMetricsList()));
      }
    }
    return metrics;
  }
}
