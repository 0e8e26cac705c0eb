package dev.tocsin.storage.consume;

import com.google.protobuf.ByteString;
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
