package dev.tocsin.app.bench;

import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.List;

/**
 * What is sent: spans of a web shop with ten attributes (about 446 bytes each as protobuf), points
 * of gauges, sums and histograms with five attributes, log records with four. One resource a
 * request, as exporters send.
 */
final class Batches {
  private static final int POINTS_PER_METRIC = 16;
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;
  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "GET", "DELETE");
  private static final List<String> ROUTES =
      List.of("/cart/{id}", "/checkout", "/products/{id}", "/orders/{id}/items", "/search");
  private static final List<Double> BOUNDS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0);

  private final BatchModel model = new BatchModel();
  private final int items;
  private final int spansPerTrace;

  private Batches(int items, int spansPerTrace) {
    this.items = items;
    this.spansPerTrace = spansPerTrace;
  }

  /**
   * @param items spans, points or log records of a request
   * @param spansPerTrace also how many log records share a trace
   */
  static RequestTemplate of(Signal signal, Protocol protocol, int items, int spansPerTrace) {
    Batches batches = new Batches(items, spansPerTrace);
    Message request =
        switch (signal) {
          case TRACES -> batches.traces();
          case METRICS -> batches.metrics();
          case LOGS -> batches.logs();
          case PROFILES ->
              throw new IllegalArgumentException("profiles (expected: traces, metrics or logs)");
        };
    return protocol == Protocol.HTTP_JSON
        ? batches.model.json(request)
        : batches.model.protobuf(request);
  }

  private ExportTraceServiceRequest traces() {
    ScopeSpans.Builder scope = ScopeSpans.newBuilder().setScope(scope());
    for (int i = 0; i < items; i++) {
      scope.addSpans(span(i));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource()).addScopeSpans(scope))
        .build();
  }

  private Span span(int i) {
    int root = i - i % spansPerTrace;
    long startedAgo = (items - i) * 20L * MICRO + (3 + i % 17) * MILLI;
    Span.Builder span =
        Span.newBuilder()
            .setTraceId(model.traceId(i / spansPerTrace))
            .setSpanId(model.spanId(i))
            .setName(pick(METHODS, i) + " " + pick(ROUTES, i))
            .setKind(i == root ? Span.SpanKind.SPAN_KIND_SERVER : Span.SpanKind.SPAN_KIND_CLIENT)
            .setStartTimeUnixNano(model.time(-startedAgo))
            .setEndTimeUnixNano(model.time(-startedAgo + (1 + i * 7919L % 997) * 2 * MICRO))
            .addAttributes(text("http.request.method", pick(METHODS, i)))
            .addAttributes(text("http.route", pick(ROUTES, i)))
            .addAttributes(
                text(
                    "url.full",
                    "https://shop.example.com/orders/" + (100_000 + i * 7919 % 900_000) + "/items"))
            .addAttributes(text("url.scheme", "https"))
            .addAttributes(text("server.address", "shop-" + i % 8 + ".backend.svc.cluster.local"))
            .addAttributes(number("server.port", 8443))
            .addAttributes(number("http.response.status_code", i % 50 == 0 ? 500 : 200))
            .addAttributes(text("network.protocol.version", "1.1"))
            .addAttributes(
                text("user.id", "customer-eu-" + (10_000_000 + i * 104_729L % 90_000_000)))
            .addAttributes(text("thread.name", "vert.x-eventloop-thread-" + i % 4));
    if (i != root) {
      span.setParentSpanId(model.spanId(root));
    }
    if (i % 50 == 0) {
      span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
    }
    return span.build();
  }

  private ExportMetricsServiceRequest metrics() {
    ScopeMetrics.Builder scope = ScopeMetrics.newBuilder().setScope(scope());
    for (int first = 0; first < items; first += POINTS_PER_METRIC) {
      scope.addMetrics(metric(first, Math.min(items, first + POINTS_PER_METRIC)));
    }
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder().setResource(resource()).addScopeMetrics(scope))
        .build();
  }

  private Metric metric(int from, int to) {
    int number = from / POINTS_PER_METRIC;
    Metric.Builder metric =
        Metric.newBuilder().setDescription("A measurement of the bench.").setUnit("s");
    switch (number % 4) {
      case 0 -> {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = from; i < to; i++) {
          gauge.addDataPoints(point(i));
        }
        metric.setName("bench.gauge." + number).setGauge(gauge);
      }
      case 3 -> {
        Histogram.Builder histogram =
            Histogram.newBuilder()
                .setAggregationTemporality(
                    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        for (int i = from; i < to; i++) {
          histogram.addDataPoints(histogramPoint(i));
        }
        metric.setName("bench.duration." + number).setHistogram(histogram);
      }
      default -> {
        Sum.Builder sum =
            Sum.newBuilder()
                .setIsMonotonic(true)
                .setAggregationTemporality(
                    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        for (int i = from; i < to; i++) {
          sum.addDataPoints(point(i));
        }
        metric.setName("bench.total." + number).setSum(sum);
      }
    }
    return metric.build();
  }

  private NumberDataPoint point(int i) {
    return NumberDataPoint.newBuilder()
        .setStartTimeUnixNano(model.time(-3_600_000 * MILLI))
        .setTimeUnixNano(model.time(0))
        .setAsDouble(i * 1.25)
        .addAllAttributes(pointAttributes(i))
        .build();
  }

  private HistogramDataPoint histogramPoint(int i) {
    HistogramDataPoint.Builder point =
        HistogramDataPoint.newBuilder()
            .setStartTimeUnixNano(model.time(-3_600_000 * MILLI))
            .setTimeUnixNano(model.time(0))
            .addAllExplicitBounds(BOUNDS)
            .addAllAttributes(pointAttributes(i));
    long count = 0;
    for (int bucket = 0; bucket <= BOUNDS.size(); bucket++) {
      long inBucket = (i + bucket * 37L) % 101;
      point.addBucketCounts(inBucket);
      count += inBucket;
    }
    return point.setCount(count).setSum(count * 0.042).build();
  }

  private static List<KeyValue> pointAttributes(int i) {
    return List.of(
        text("http.request.method", pick(METHODS, i)),
        text("http.route", pick(ROUTES, i)),
        text("server.address", "shop-" + i % 8 + ".backend.svc.cluster.local"),
        number("http.response.status_code", i % 10 == 0 ? 500 : 200),
        text("network.protocol.version", "1.1"));
  }

  private ExportLogsServiceRequest logs() {
    ScopeLogs.Builder scope = ScopeLogs.newBuilder().setScope(scope());
    for (int i = 0; i < items; i++) {
      scope.addLogRecords(logRecord(i));
    }
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(ResourceLogs.newBuilder().setResource(resource()).addScopeLogs(scope))
        .build();
  }

  private LogRecord logRecord(int i) {
    boolean error = i % 20 == 0;
    long ago = (items - i) * 20L * MICRO;
    return LogRecord.newBuilder()
        .setTimeUnixNano(model.time(-ago))
        .setObservedTimeUnixNano(model.time(-ago + MILLI))
        .setSeverityNumber(
            error ? SeverityNumber.SEVERITY_NUMBER_ERROR : SeverityNumber.SEVERITY_NUMBER_INFO)
        .setSeverityText(error ? "ERROR" : "INFO")
        .setBody(
            AnyValue.newBuilder()
                .setStringValue(
                    (error ? "charge declined by the gateway" : "order accepted and paid")
                        + " order="
                        + (100_000 + i * 7919 % 900_000)
                        + " customer="
                        + (10_000_000 + i * 104_729L % 90_000_000)
                        + " in "
                        + i % 400
                        + " ms"))
        .addAttributes(text("logger.name", "com.example.shop.payment.ChargeService"))
        .addAttributes(text("thread.name", "vert.x-eventloop-thread-" + i % 4))
        .addAttributes(text("http.route", pick(ROUTES, i)))
        .addAttributes(number("order.items", i % 9))
        .setTraceId(model.traceId(i / spansPerTrace))
        .setSpanId(model.spanId(i))
        .build();
  }

  private static Resource resource() {
    return Resource.newBuilder()
        .addAttributes(text("service.name", "bench"))
        .addAttributes(text("service.namespace", "tocsin"))
        .addAttributes(text("service.version", "1.0.0"))
        .addAttributes(text("host.name", "bench-host"))
        .addAttributes(text("telemetry.sdk.language", "java"))
        .build();
  }

  private static InstrumentationScope scope() {
    return InstrumentationScope.newBuilder().setName("dev.tocsin.bench").setVersion("1").build();
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static KeyValue number(String key, long value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setIntValue(value))
        .build();
  }

  private static <T> T pick(List<T> from, int i) {
    return from.get(i % from.size());
  }
}
