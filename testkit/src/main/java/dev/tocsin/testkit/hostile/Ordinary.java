package dev.tocsin.testkit.hostile;

import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.SplittableRandom;

/**
 * What SDKs send: traces, all kinds of metrics with both temporalities, logs, of some forty
 * services. What is odd begins as one of these. Not thread-safe.
 */
final class Ordinary {
  private static final int SERVICES = 40;
  private static final InstrumentationScope SCOPE =
      InstrumentationScope.newBuilder().setName("hostile").setVersion("1.0").build();

  private final SplittableRandom random;
  private final OddValues values;

  Ordinary(SplittableRandom random, long nowNanos) {
    this.random = random;
    this.values = new OddValues(random, nowNanos);
  }

  Message.Builder request(Signal signal) {
    return switch (signal) {
      case TRACES -> traces(1 + random.nextInt(20));
      case METRICS -> metrics();
      case LOGS -> logs(1 + random.nextInt(20));
      case PROFILES -> throw new IllegalArgumentException("profiles have no consumer");
    };
  }

  ExportTraceServiceRequest.Builder traces(int spans) {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().setResource(resource()).addScopeSpansBuilder();
    scope.setScope(SCOPE);
    var traceId = values.bytes(16);
    for (int i = 0; i < spans; i++) {
      long start = values.recentNanos();
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(traceId)
              .setSpanId(values.bytes(8))
              .setName("operation " + random.nextInt(20))
              .setKindValue(1 + random.nextInt(5))
              .setStartTimeUnixNano(start)
              .setEndTimeUnixNano(start + random.nextInt(500_000_000))
              .addAttributes(attribute("http.route", "/r" + random.nextInt(9)))
              .setStatus(Status.newBuilder().setCodeValue(random.nextInt(3))));
    }
    return request;
  }

  ExportLogsServiceRequest.Builder logs(int records) {
    var request = ExportLogsServiceRequest.newBuilder();
    var scope = request.addResourceLogsBuilder().setResource(resource()).addScopeLogsBuilder();
    scope.setScope(SCOPE);
    for (int i = 0; i < records; i++) {
      scope.addLogRecords(
          LogRecord.newBuilder()
              .setTimeUnixNano(values.recentNanos())
              .setSeverityNumber(SeverityNumber.forNumber(1 + random.nextInt(24)))
              .setBody(AnyValue.newBuilder().setStringValue("done in " + random.nextInt(900)))
              .addAttributes(attribute("thread", "w-" + random.nextInt(9))));
    }
    return request;
  }

  private ExportMetricsServiceRequest.Builder metrics() {
    var request = ExportMetricsServiceRequest.newBuilder();
    var scope =
        request.addResourceMetricsBuilder().setResource(resource()).addScopeMetricsBuilder();
    scope.setScope(SCOPE);
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      scope.addMetrics(metric());
    }
    return request;
  }

  Metric.Builder metric() {
    Metric.Builder metric = Metric.newBuilder().setUnit("s");
    var temporality =
        random.nextBoolean()
            ? AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
            : AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
    int points = 1 + random.nextInt(4);
    // A kind and temporality of its own for each name: one name for several is an oddity.
    int kind = random.nextInt(5);
    metric.setName("hostile.kind" + kind + "." + temporality.getNumber());
    for (int i = 0; i < points; i++) {
      switch (kind) {
        case 0 -> metric.getGaugeBuilder().addDataPoints(number());
        case 1 ->
            metric
                .getSumBuilder()
                .setIsMonotonic(true)
                .setAggregationTemporality(temporality)
                .addDataPoints(number());
        case 2 ->
            metric
                .getHistogramBuilder()
                .setAggregationTemporality(temporality)
                .addDataPoints(histogram(3));
        case 3 ->
            metric
                .getExponentialHistogramBuilder()
                .setAggregationTemporality(temporality)
                .addDataPoints(exponential(random.nextInt(12) - 2, random.nextInt(40) - 20, 8));
        default -> metric.getSummaryBuilder().addDataPoints(summary());
      }
    }
    return metric;
  }

  NumberDataPoint.Builder number() {
    return NumberDataPoint.newBuilder()
        .setStartTimeUnixNano(values.recentNanos())
        .setTimeUnixNano(values.recentNanos())
        .setAsInt(random.nextInt(1_000))
        .addAttributes(attribute("http.route", "/r" + random.nextInt(9)));
  }

  HistogramDataPoint.Builder histogram(int bounds) {
    var point =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(values.recentNanos())
            .setCount(bounds + 1)
            .setSum(bounds)
            .addBucketCounts(1)
            .addAttributes(attribute("http.route", "/h" + random.nextInt(9)));
    for (int i = 0; i < bounds; i++) {
      point.addExplicitBounds(i * 0.5).addBucketCounts(1);
    }
    return point;
  }

  ExponentialHistogramDataPoint.Builder exponential(int scale, int offset, int buckets) {
    var point =
        ExponentialHistogramDataPoint.newBuilder()
            .setTimeUnixNano(values.recentNanos())
            .setCount(buckets)
            .setSum(1)
            .setScale(scale)
            .addAttributes(attribute("http.route", "/e" + random.nextInt(9)));
    point.getPositiveBuilder().setOffset(offset);
    for (int i = 0; i < buckets; i++) {
      point.getPositiveBuilder().addBucketCounts(1);
    }
    return point;
  }

  private SummaryDataPoint.Builder summary() {
    var point =
        SummaryDataPoint.newBuilder()
            .setTimeUnixNano(values.recentNanos())
            .setCount(9)
            .setSum(4)
            .addAttributes(attribute("http.route", "/s" + random.nextInt(9)));
    point.addQuantileValuesBuilder().setQuantile(0.5).setValue(1);
    point.addQuantileValuesBuilder().setQuantile(0.99).setValue(random.nextInt(9));
    return point;
  }

  private Resource resource() {
    return Resource.newBuilder()
        .addAttributes(attribute("service.name", "hostile-" + random.nextInt(SERVICES)))
        .addAttributes(attribute("service.instance.id", "i" + random.nextInt(3)))
        .build();
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
