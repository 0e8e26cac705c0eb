package dev.tocsin.testkit.hostile;

import static io.opentelemetry.proto.metrics.v1.AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
import static io.opentelemetry.proto.metrics.v1.AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;

import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Metrics that are odd as metrics, or large in one respect. Not thread-safe. */
final class HostileMetrics {
  private static final int LABEL_CHARS = 20_000;

  private final SplittableRandom random;
  private final OddValues values;
  private final Ordinary ordinary;

  HostileMetrics(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.values = new OddValues(random, nowNanos);
    this.ordinary = new Ordinary(random, nowNanos);
  }

  List<Shapes.Shape> shapes() {
    return List.of(
        new Shapes.Shape("giant service name", () -> request(giant(), gauge("g"))),
        new Shapes.Shape("giant metric name", () -> request("s", gauge(giant()))),
        new Shapes.Shape("giant unit", () -> request("s", gauge("g").setUnit(giant()))),
        new Shapes.Shape("giant help", () -> request("s", gauge("g").setDescription(giant()))),
        new Shapes.Shape("giant label", () -> labelled("k", giant())),
        new Shapes.Shape("giant label name", () -> labelled(giant(), "v")),
        new Shapes.Shape("20,000 labels", () -> manyLabels(20_000)),
        new Shapes.Shape("1,000 series of 20 kB", () -> manySeries(1_000, LABEL_CHARS)),
        new Shapes.Shape("20,000 series", () -> manySeries(20_000, 8)),
        new Shapes.Shape("10,000 bounds", () -> bounds(10_000)),
        new Shapes.Shape("200,000 bounds", () -> bounds(200_000)),
        new Shapes.Shape("exemplars", () -> exemplars(5_000)),
        new Shapes.Shape("empty exemplars, many", this::emptyExemplars),
        new Shapes.Shape("empty labels, many", this::emptyLabels),
        new Shapes.Shape("empty buckets, many", this::emptyBuckets),
        new Shapes.Shape("exponential, ends of the index range", this::farBuckets),
        new Shapes.Shape("exponential, ends of scale and offset", this::farPoint),
        new Shapes.Shape("exponential, scales in turn", this::changingScale),
        new Shapes.Shape("counts of 2^64 - 1", this::greatCounts),
        new Shapes.Shape("reset", this::reset),
        new Shapes.Shape("the same delta point twice", this::twice),
        new Shapes.Shape("one name, all kinds", this::allKinds),
        new Shapes.Shape("odd labels", this::oddLabels),
        new Shapes.Shape("a metric without data", () -> request("s", Metric.newBuilder())));
  }

  private String giant() {
    return "g".repeat(1_000_000 + random.nextInt(5_000_000));
  }

  private static ExportMetricsServiceRequest.Builder request(
      String service, Metric.Builder... metrics) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var resource = request.addResourceMetricsBuilder();
    resource.getResourceBuilder().addAttributes(Ordinary.attribute("service.name", service));
    var scope = resource.addScopeMetricsBuilder();
    for (Metric.Builder metric : metrics) {
      scope.addMetrics(metric);
    }
    return request;
  }

  private Metric.Builder gauge(String name) {
    Metric.Builder metric = Metric.newBuilder().setName(name);
    metric.getGaugeBuilder().addDataPoints(ordinary.number());
    return metric;
  }

  private Message.Builder labelled(String name, String value) {
    Metric.Builder metric = gauge("labelled");
    metric.getGaugeBuilder().getDataPointsBuilder(0).addAttributes(Ordinary.attribute(name, value));
    return request("s", metric);
  }

  private Message.Builder manyLabels(int count) {
    Metric.Builder metric = gauge("many.labels");
    var point = metric.getGaugeBuilder().getDataPointsBuilder(0);
    for (int i = 0; i < count; i++) {
      point.addAttributes(Ordinary.attribute("label_" + i, "value"));
    }
    return request("s", metric);
  }

  private Message.Builder manySeries(int count, int chars) {
    Metric.Builder metric = Metric.newBuilder().setName("hostile.many");
    String filler = "x".repeat(chars);
    // Not ever more of them: a window has room for so many.
    int first = random.nextInt(3) * count;
    for (int i = 0; i < count; i++) {
      metric
          .getGaugeBuilder()
          .addDataPoints(
              NumberDataPoint.newBuilder()
                  .setTimeUnixNano(values.recentNanos())
                  .setAsDouble(values.decimal())
                  .addAttributes(Ordinary.attribute("series", filler + (first + i))));
    }
    return request("many", metric);
  }

  private Message.Builder bounds(int count) {
    Metric.Builder metric = Metric.newBuilder().setName("many.bounds");
    metric
        .getHistogramBuilder()
        .setAggregationTemporality(AGGREGATION_TEMPORALITY_CUMULATIVE)
        .addDataPoints(ordinary.histogram(count));
    return request("s", metric);
  }

  private Message.Builder exemplars(int count) {
    Metric.Builder metric = gauge("exemplary");
    var point = metric.getGaugeBuilder().getDataPointsBuilder(0);
    for (int i = 0; i < count; i++) {
      point
          .addExemplarsBuilder()
          .setTimeUnixNano(values.nanos())
          .setAsDouble(values.decimal())
          .setTraceId(values.id(16))
          .addFilteredAttributes(Ordinary.attribute("user", "u" + i));
    }
    return request("s", metric);
  }

  /** Of things that are next to nothing as bytes, and take some hundred times as much memory. */
  private int many() {
    return 100_000 + random.nextInt(200_000);
  }

  private Message.Builder emptyExemplars() {
    Metric.Builder metric = gauge("exemplary");
    metric
        .getGaugeBuilder()
        .getDataPointsBuilder(0)
        .addAllExemplars(Collections.nCopies(many(), Exemplar.getDefaultInstance()));
    return request("s", metric);
  }

  private Message.Builder emptyLabels() {
    Metric.Builder metric = gauge("labelled");
    metric
        .getGaugeBuilder()
        .getDataPointsBuilder(0)
        .addAllAttributes(Collections.nCopies(many(), KeyValue.getDefaultInstance()));
    return request("s", metric);
  }

  private Message.Builder emptyBuckets() {
    var point = ordinary.exponential(3, 0, 1);
    point.getNegativeBuilder().addAllBucketCounts(Collections.nCopies(many(), 0L));
    return request("s", exponential("empty.buckets", point));
  }

  /** Two points of one series whose sum would need some two thousand million buckets. */
  private Message.Builder farBuckets() {
    var wide = ordinary.exponential(22, 2_147_483_646, 1).clearAttributes();
    var less = ordinary.exponential(21, 1_073_741_823, 1).clearAttributes();
    var most = ordinary.exponential(22, -2_147_483_648, 1).clearAttributes();
    return request("far", exponential("far.buckets", wide, less, most));
  }

  private Message.Builder farPoint() {
    int[] scales = {-2_147_483_648, -11, -10, -4, 0, 20, 52, 53, 2_147_483_647};
    int[] offsets = {-2_147_483_648, -1_074, 0, 1_023, 2_147_483_647};
    int scale = scales[random.nextInt(scales.length)];
    int offset = offsets[random.nextInt(offsets.length)];
    var point = ordinary.exponential(scale, offset, 1 + random.nextInt(200));
    point.setZeroThreshold(values.oddDecimal()).setZeroCount(values.oddNumber());
    return request("far", exponential("far.point", point));
  }

  private Message.Builder changingScale() {
    var points = new ExponentialHistogramDataPoint.Builder[20];
    for (int i = 0; i < points.length; i++) {
      int scale = random.nextInt(30) - 8;
      points[i] = ordinary.exponential(scale, scale > 0 ? 1 << scale : 0, 20).clearAttributes();
    }
    return request("far", exponential("changing.scale", points));
  }

  private static Metric.Builder exponential(
      String name, ExponentialHistogramDataPoint.Builder... points) {
    Metric.Builder metric = Metric.newBuilder().setName(name);
    var data = metric.getExponentialHistogramBuilder();
    data.setAggregationTemporality(AGGREGATION_TEMPORALITY_DELTA);
    for (var point : points) {
      data.addDataPoints(point);
    }
    return metric;
  }

  private Message.Builder greatCounts() {
    var histogram =
        ordinary.histogram(3).setCount(-1).setBucketCounts(0, -1).setBucketCounts(3, -2);
    var exponential = ordinary.exponential(3, 0, 3).setCount(-1);
    exponential.getPositiveBuilder().setBucketCounts(0, -1).setBucketCounts(2, -1);
    Metric.Builder explicit = Metric.newBuilder().setName("great.counts");
    explicit
        .getHistogramBuilder()
        .setAggregationTemporality(AGGREGATION_TEMPORALITY_DELTA)
        .addDataPoints(histogram)
        .addDataPoints(histogram);
    return request("great", explicit, exponential("great.exponential", exponential, exponential));
  }

  private Message.Builder reset() {
    Metric.Builder metric = Metric.newBuilder().setName("falls.back");
    var sum =
        metric
            .getSumBuilder()
            .setIsMonotonic(true)
            .setAggregationTemporality(AGGREGATION_TEMPORALITY_CUMULATIVE);
    long time = values.recentNanos();
    for (int i = 0; i < 10; i++) {
      sum.addDataPoints(
          NumberDataPoint.newBuilder()
              .setStartTimeUnixNano(random.nextBoolean() ? time : time + i)
              .setTimeUnixNano(time + i * 1_000_000L * (random.nextInt(3) - 1))
              .setAsInt(values.oddNumber()));
    }
    return request("reset", metric);
  }

  private Message.Builder twice() {
    Metric.Builder metric = Metric.newBuilder().setName("twice");
    var point = ordinary.number();
    metric
        .getSumBuilder()
        .setAggregationTemporality(AGGREGATION_TEMPORALITY_DELTA)
        .addDataPoints(point)
        .addDataPoints(point)
        .addDataPoints(point.clone().setAsDouble(values.oddDecimal()));
    return request("s", metric);
  }

  private Message.Builder allKinds() {
    Metric.Builder[] metrics = new Metric.Builder[12];
    for (int i = 0; i < metrics.length; i++) {
      metrics[i] = ordinary.metric().setName("one.name");
    }
    return request("kinds", metrics);
  }

  private Message.Builder oddLabels() {
    Metric.Builder metric = Metric.newBuilder().setName(values.oddText());
    for (int i = 0; i < 20; i++) {
      metric
          .getGaugeBuilder()
          .addDataPoints(
              ordinary
                  .number()
                  .addAttributes(Ordinary.attribute(values.oddText(), values.oddText()))
                  .addAttributes(Ordinary.attribute(values.oddText(), values.oddText())));
    }
    return request(values.oddText(), metric);
  }
}
