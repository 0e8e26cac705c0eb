package dev.tocsin.otlp.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Requests of the size and shape that SDKs send. */
final class OrdinaryOtlp {
  /** Of all items, about. */
  static final Instant TIME = Instant.parse("2026-11-30T12:00:00Z");

  /** Of a metric. */
  private static final int POINTS = 8;

  private final Random random;

  OrdinaryOtlp(long seed) {
    this.random = new Random(seed);
  }

  Message traces(int items) {
    var request = ExportTraceServiceRequest.newBuilder();
    var spans = request.addResourceSpansBuilder();
    spans.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = spans.addScopeSpansBuilder();
    for (int i = 0; i < items; i++) {
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(bytes(16))
              .setSpanId(bytes(8))
              .setParentSpanId(bytes(8))
              .setName("GET /api/v1/orders")
              .setStartTimeUnixNano(nanos())
              .setEndTimeUnixNano(nanos())
              .addAllAttributes(attributes(10)));
    }
    return request.build();
  }

  Message logs(int items) {
    var request = ExportLogsServiceRequest.newBuilder();
    var logs = request.addResourceLogsBuilder();
    logs.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = logs.addScopeLogsBuilder();
    for (int i = 0; i < items; i++) {
      scope.addLogRecords(
          LogRecord.newBuilder()
              .setTimeUnixNano(nanos())
              .setTraceId(bytes(16))
              .setBody(AnyValue.newBuilder().setStringValue("a message of usual length ".repeat(4)))
              .addAllAttributes(attributes(4)));
    }
    return request.build();
  }

  private Message metrics(int items, Supplier<Metric> metric) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var metrics = request.addResourceMetricsBuilder();
    metrics.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = metrics.addScopeMetricsBuilder();
    for (int i = 0; i < items / POINTS; i++) {
      scope.addMetrics(metric.get());
    }
    return request.build();
  }

  Message gauges(int items) {
    return metrics(items, this::gauge);
  }

  Message histograms(int items) {
    return metrics(items, this::buckets);
  }

  Message exponentials(int items) {
    return metrics(items, this::exponents);
  }

  private Metric gauge() {
    var gauge = Gauge.newBuilder();
    for (int i = 0; i < POINTS; i++) {
      gauge.addDataPoints(
          NumberDataPoint.newBuilder()
              .setTimeUnixNano(nanos())
              .setAsDouble(random.nextDouble())
              .addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("process.cpu.utilization").setGauge(gauge).build();
  }

  private Metric buckets() {
    var histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (int i = 0; i < POINTS; i++) {
      var point = HistogramDataPoint.newBuilder().setTimeUnixNano(nanos()).setCount(9).setSum(1);
      for (int bound = 0; bound < 14; bound++) {
        point.addExplicitBounds(bound * 0.25).addBucketCounts(random.nextInt(1_000));
      }
      histogram.addDataPoints(point.addBucketCounts(7).addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("http.server.duration").setHistogram(histogram).build();
  }

  private Metric exponents() {
    var histogram =
        ExponentialHistogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    for (int i = 0; i < POINTS; i++) {
      var point =
          ExponentialHistogramDataPoint.newBuilder()
              .setTimeUnixNano(nanos())
              .setCount(9)
              .setScale(5);
      var buckets = point.getPositiveBuilder().setOffset(-20);
      for (int bucket = 0; bucket < 60; bucket++) {
        buckets.addBucketCounts(random.nextInt(1_000));
      }
      histogram.addDataPoints(point.addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("rpc.duration").setExponentialHistogram(histogram).build();
  }

  private List<KeyValue> attributes(int count) {
    KeyValue[] attributes = new KeyValue[count];
    Arrays.setAll(
        attributes,
        i -> RandomOtlp.attribute("attribute.number." + i, "value-" + random.nextInt(1_000_000)));
    return List.of(attributes);
  }

  /** Within a minute of {@link #TIME}. */
  private long nanos() {
    return TIME.getEpochSecond() * 1_000_000_000 + random.nextLong(60_000_000_000L);
  }

  private ByteString bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    bytes[0] = 1;
    return ByteString.copyFrom(bytes);
  }
}
