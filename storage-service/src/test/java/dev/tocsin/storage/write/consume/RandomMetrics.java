package dev.tocsin.storage.write.consume;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.testkit.hostile.RandomExponentials;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
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
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Metrics of all five types with everything they may hold, by a seed. */
final class RandomMetrics {
  private final Random random;
  private final long nanos;

  RandomMetrics(long seed, long timeMs) {
    this.random = new Random(seed);
    this.nanos = timeMs * 1_000_000 + random.nextInt(1_000_000);
  }

  ExportMetricsServiceRequest request() {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    for (int i = 0; i <= random.nextInt(3); i++) {
      ScopeMetrics.Builder scope =
          ScopeMetrics.newBuilder()
              .setScope(InstrumentationScope.newBuilder().setName("meter").setVersion("1"))
              .setSchemaUrl("https://example.test/schema");
      for (int j = 0; j <= random.nextInt(6); j++) {
        scope.addMetrics(metric("m" + j));
      }
      request.addResourceMetrics(
          ResourceMetrics.newBuilder()
              .setResource(Resource.newBuilder().addAttributes(attribute("service.name", "s" + i)))
              .addScopeMetrics(scope));
    }
    return request.build();
  }

  /**
   * A request of points as no SDK makes them: numbers at the ends of their types, what belongs
   * together of different lengths, names that mean something else, fields of later versions.
   */
  ExportMetricsServiceRequest hostile() {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    String[] names = {"target_info", "", "\0", "m", "m_sum", "_", "9"};
    for (int i = 0; i <= random.nextInt(3); i++) {
      ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
      for (int j = 0; j <= random.nextInt(4); j++) {
        scope.addMetrics(oddMetric(names[random.nextInt(names.length)]));
      }
      Resource.Builder resource = Resource.newBuilder();
      for (int j = random.nextInt(4); j > 0; j--) {
        String[] keys = {"service.name", "service.instance.id", "a", "__name__", "le", ""};
        resource.addAttributes(attribute(keys[random.nextInt(keys.length)], "r" + j));
      }
      request.addResourceMetrics(
          ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(scope));
    }
    return request.build();
  }

  /** A request of which some names and attributes are longer than labels may be. */
  ExportMetricsServiceRequest outsized() {
    ExportMetricsServiceRequest.Builder request = request().toBuilder();
    String tooLong = "x".repeat(PrometheusSeries.LABELS_CHARS_MAX + 1);
    for (ResourceMetrics.Builder resource : request.getResourceMetricsBuilderList()) {
      switch (random.nextInt(4)) {
        case 0 -> resource.getResourceBuilder().addAttributes(attribute("service.name", tooLong));
        case 1 -> resource.getResourceBuilder().addAttributes(attribute("other", tooLong));
        case 2 -> resource.getScopeMetricsBuilder(0).getMetricsBuilder(0).setName(tooLong);
        default -> {}
      }
      for (Metric.Builder metric : resource.getScopeMetricsBuilder(0).getMetricsBuilderList()) {
        if (random.nextBoolean() && metric.hasGauge()) {
          metric.getGaugeBuilder().getDataPointsBuilder(0).addAttributes(attribute("a", tooLong));
        } else if (random.nextBoolean() && metric.hasHistogram()) {
          metric
              .getHistogramBuilder()
              .getDataPointsBuilder(0)
              .addAttributes(attribute("a", tooLong));
        }
      }
    }
    return request.build();
  }

  private Metric oddMetric(String name) {
    Metric.Builder metric = Metric.newBuilder().setName(name);
    int temporality = random.nextInt(4);
    switch (random.nextInt(5)) {
      case 0 -> metric.setGauge(Gauge.newBuilder().addDataPoints(oddNumber()));
      case 1 ->
          metric.setSum(
              Sum.newBuilder()
                  .setIsMonotonic(random.nextBoolean())
                  .setAggregationTemporalityValue(temporality)
                  .addDataPoints(oddNumber())
                  .addDataPoints(oddNumber()));
      case 2 ->
          metric.setHistogram(
              Histogram.newBuilder()
                  .setAggregationTemporalityValue(temporality)
                  .addDataPoints(oddHistogram())
                  .addDataPoints(oddHistogram()));
      case 3 ->
          metric.setExponentialHistogram(
              ExponentialHistogram.newBuilder()
                  .setAggregationTemporalityValue(temporality)
                  .addDataPoints(oddExponential())
                  .addDataPoints(oddExponential()));
      default -> metric.setSummary(Summary.newBuilder().addDataPoints(oddSummary()));
    }
    return metric.build();
  }

  private NumberDataPoint oddNumber() {
    NumberDataPoint.Builder point =
        NumberDataPoint.newBuilder()
            .setTimeUnixNano(nanos)
            .setStartTimeUnixNano(oddLong())
            .setFlags(random.nextInt())
            .setUnknownFields(later());
    return switch (random.nextInt(3)) {
      case 0 -> point.setAsInt(oddLong()).build();
      case 1 -> point.setAsDouble(oddDouble()).build();
      default -> point.build();
    };
  }

  private HistogramDataPoint oddHistogram() {
    HistogramDataPoint.Builder point =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(nanos)
            .setStartTimeUnixNano(oddLong())
            .setCount(oddLong())
            .setFlags(random.nextInt(3))
            .setUnknownFields(later());
    for (int i = random.nextInt(6); i > 0; i--) {
      point.addBucketCounts(oddLong());
    }
    for (int i = random.nextInt(6); i > 0; i--) {
      point.addExplicitBounds(oddDouble());
    }
    if (random.nextBoolean()) {
      point.setSum(oddDouble()).setMin(oddDouble());
    }
    return point.build();
  }

  private ExponentialHistogramDataPoint oddExponential() {
    return new RandomExponentials(random)
        .next()
        .setTimeUnixNano(nanos)
        .setStartTimeUnixNano(oddLong())
        .setMax(oddDouble())
        .setUnknownFields(later())
        .build();
  }

  private SummaryDataPoint oddSummary() {
    SummaryDataPoint.Builder point =
        SummaryDataPoint.newBuilder()
            .setTimeUnixNano(nanos)
            .setCount(oddLong())
            .setSum(oddDouble())
            .setUnknownFields(later());
    for (int i = random.nextInt(6); i > 0; i--) {
      point.addQuantileValues(
          SummaryDataPoint.ValueAtQuantile.newBuilder()
              .setQuantile(oddDouble())
              .setValue(oddDouble()));
    }
    return point.build();
  }

  private UnknownFieldSet later() {
    return random.nextInt(4) > 0
        ? UnknownFieldSet.getDefaultInstance()
        : UnknownFieldSet.newBuilder()
            .addField(
                9_999, UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build())
            .build();
  }

  private long oddLong() {
    long[] odd = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 53, (1L << 53) + 1, nanos};
    return odd[random.nextInt(odd.length)];
  }

  private double oddDouble() {
    double[] odd = {
      0,
      -0.0,
      1,
      -1,
      0.1,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      PrometheusSeries.STALE,
      9.3e18
    };
    return odd[random.nextInt(odd.length)];
  }

  /** A request of one cumulative exponential histogram. */
  ExportMetricsServiceRequest exponential(String name) {
    Metric metric =
        Metric.newBuilder()
            .setName(name)
            .setExponentialHistogram(
                ExponentialHistogram.newBuilder()
                    .setAggregationTemporality(
                        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                    .addDataPoints(exponentialPoint().setSum(3)))
            .build();
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
        .build();
  }

  /** The metric once for each of its points, with nothing but that. */
  static List<Metric> pointByPoint(Metric metric) {
    List<Metric> all = new ArrayList<>();
    Metric.Builder one = metric.toBuilder();
    for (NumberDataPoint point : metric.getGauge().getDataPointsList()) {
      one.getGaugeBuilder().clearDataPoints().addDataPoints(point);
      all.add(one.build());
    }
    for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
      one.getSumBuilder().clearDataPoints().addDataPoints(point);
      all.add(one.build());
    }
    for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
      one.getHistogramBuilder().clearDataPoints().addDataPoints(point);
      all.add(one.build());
    }
    for (ExponentialHistogramDataPoint point :
        metric.getExponentialHistogram().getDataPointsList()) {
      one.getExponentialHistogramBuilder().clearDataPoints().addDataPoints(point);
      all.add(one.build());
    }
    for (SummaryDataPoint point : metric.getSummary().getDataPointsList()) {
      one.getSummaryBuilder().clearDataPoints().addDataPoints(point);
      all.add(one.build());
    }
    return all;
  }

  private Metric metric(String name) {
    Metric.Builder metric =
        Metric.newBuilder().setName(name).setDescription("what it is").setUnit("s");
    AggregationTemporality temporality =
        random.nextBoolean()
            ? AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            : AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    switch (random.nextInt(5)) {
      case 0 -> metric.setGauge(Gauge.newBuilder().addDataPoints(number()));
      case 1 ->
          metric.setSum(
              Sum.newBuilder()
                  .setIsMonotonic(random.nextBoolean())
                  .setAggregationTemporality(temporality)
                  .addDataPoints(number()));
      case 2 ->
          metric.setHistogram(
              Histogram.newBuilder()
                  .setAggregationTemporality(temporality)
                  .addDataPoints(histogram()));
      case 3 ->
          metric.setExponentialHistogram(
              ExponentialHistogram.newBuilder()
                  .setAggregationTemporality(temporality)
                  .addDataPoints(exponentialPoint()));
      default ->
          metric.setSummary(
              Summary.newBuilder()
                  .addDataPoints(
                      SummaryDataPoint.newBuilder()
                          .setTimeUnixNano(nanos)
                          .setCount(random.nextInt(100))
                          .addQuantileValues(
                              SummaryDataPoint.ValueAtQuantile.newBuilder()
                                  .setQuantile(0.9)
                                  .setValue(random.nextDouble()))));
    }
    return metric.build();
  }

  private NumberDataPoint number() {
    NumberDataPoint.Builder point =
        NumberDataPoint.newBuilder()
            .setTimeUnixNano(nanos)
            .setStartTimeUnixNano(nanos - 5)
            .setFlags(random.nextInt(8) == 0 ? 1 : 0)
            .addAttributes(attribute("k", "v" + random.nextInt(3)));
    if (random.nextBoolean()) {
      point.setAsInt(random.nextLong());
    } else {
      point.setAsDouble(random.nextDouble());
    }
    return random.nextBoolean() ? point.addExemplars(exemplar()).build() : point.build();
  }

  private HistogramDataPoint histogram() {
    HistogramDataPoint.Builder point =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(nanos)
            .setCount(5)
            .addBucketCounts(2)
            .addBucketCounts(3)
            .addExplicitBounds(0.5);
    if (random.nextBoolean()) {
      point.setSum(1.5).setMin(0.1).setMax(0.9).addExemplars(exemplar());
    }
    return point.build();
  }

  private ExponentialHistogramDataPoint.Builder exponentialPoint() {
    ExponentialHistogramDataPoint.Buckets.Builder buckets =
        ExponentialHistogramDataPoint.Buckets.newBuilder().setOffset(random.nextInt(200) - 100);
    for (int i = random.nextInt(20); i >= 0; i--) {
      buckets.addBucketCounts(random.nextInt(10));
    }
    return ExponentialHistogramDataPoint.newBuilder()
        .setTimeUnixNano(nanos)
        .setScale(random.nextInt(24) - 4)
        .setCount(random.nextInt(1000))
        .setZeroCount(random.nextInt(3))
        .setZeroThreshold(1e-6)
        .setPositive(buckets)
        .setNegative(buckets)
        .addExemplars(exemplar());
  }

  private Exemplar exemplar() {
    byte[] id = new byte[16];
    random.nextBytes(id);
    return Exemplar.newBuilder()
        .setTimeUnixNano(nanos)
        .setAsDouble(random.nextDouble())
        .setTraceId(ByteString.copyFrom(id))
        .addFilteredAttributes(attribute("user", "u1"))
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
