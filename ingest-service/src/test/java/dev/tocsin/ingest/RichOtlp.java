package dev.tocsin.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
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
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.List;

/** Valid requests in which every field of OTLP that a sender may set is set. */
final class RichOtlp {
  private static final long NOW = 1_764_000_000_000_000_123L;
  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.44.0";

  private RichOtlp() {}

  /** Three traces, every kind of metric, or three log records. */
  static Message request(Signal signal, String service) {
    return switch (signal) {
      case TRACES -> traces(service);
      case METRICS -> metrics(service);
      case LOGS -> logs(service);
      default -> throw new IllegalArgumentException(signal + " (expected: a stable signal)");
    };
  }

  private static ExportTraceServiceRequest traces(String service) {
    var scope = ScopeSpans.newBuilder().setScope(scope()).setSchemaUrl(SCHEMA);
    for (long id = 1; id <= 3; id++) {
      scope.addSpans(span(id)).addSpans(root(id));
    }
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(Otlp.resource(service))
                .setSchemaUrl(SCHEMA)
                .addScopeSpans(scope))
        .build();
  }

  /** The Collector writes a status even where there is none. */
  private static Span root(long id) {
    return Otlp.span(id).toBuilder()
        .setSpanId(spanId(id + 100))
        .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_OK))
        .build();
  }

  private static Span span(long id) {
    return Otlp.span(id).toBuilder()
        .setParentSpanId(spanId(id + 100))
        .setTraceState("shop=1")
        .setFlags(0x301)
        .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
        .setStartTimeUnixNano(NOW)
        .setEndTimeUnixNano(NOW + 1_000)
        .addAllAttributes(attributes())
        .setDroppedAttributesCount(1)
        .addEvents(
            Span.Event.newBuilder()
                .setTimeUnixNano(NOW + 500)
                .setName("paid")
                .addAllAttributes(attributes())
                .setDroppedAttributesCount(2))
        .setDroppedEventsCount(3)
        .addLinks(
            Span.Link.newBuilder()
                .setTraceId(traceId(id + 200))
                .setSpanId(spanId(id + 200))
                .setTraceState("shop=2")
                .addAllAttributes(attributes())
                .setDroppedAttributesCount(4)
                .setFlags(0x100))
        .setDroppedLinksCount(5)
        .setStatus(
            Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage("grün 茶"))
        .build();
  }

  private static ExportMetricsServiceRequest metrics(String service) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(Otlp.resource(service))
                .setSchemaUrl(SCHEMA)
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .setScope(scope())
                        .setSchemaUrl(SCHEMA)
                        .addMetrics(metric("stock").setGauge(gauge()))
                        .addMetrics(metric("orders").setSum(sum()))
                        .addMetrics(metric("latency").setHistogram(histogram()))
                        .addMetrics(metric("size").setExponentialHistogram(exponential()))
                        .addMetrics(metric("old").setSummary(summary()))))
        .build();
  }

  private static Metric.Builder metric(String name) {
    return Metric.newBuilder()
        .setName(name)
        .setDescription("of " + name)
        .setUnit("s")
        .addMetadata(KeyValue.newBuilder().setKey("origin").setValue(text("test")));
  }

  private static Gauge gauge() {
    return Gauge.newBuilder()
        .addDataPoints(number().setAsDouble(-0.25))
        .addDataPoints(number().setAsInt(0))
        .addDataPoints(number().setFlags(1))
        .build();
  }

  private static Sum sum() {
    return Sum.newBuilder()
        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
        .setIsMonotonic(true)
        .addDataPoints(number().setAsInt(Long.MAX_VALUE).addExemplars(exemplar()))
        .build();
  }

  private static NumberDataPoint.Builder number() {
    return NumberDataPoint.newBuilder()
        .addAllAttributes(attributes())
        .setStartTimeUnixNano(NOW - 1_000)
        .setTimeUnixNano(NOW);
  }

  private static Exemplar exemplar() {
    return Exemplar.newBuilder()
        .addAllFilteredAttributes(attributes())
        .setTimeUnixNano(NOW)
        .setAsDouble(1.5)
        .setTraceId(traceId(1))
        .setSpanId(spanId(1))
        .build();
  }

  private static Histogram histogram() {
    return Histogram.newBuilder()
        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
        .addDataPoints(
            HistogramDataPoint.newBuilder()
                .addAllAttributes(attributes())
                .setStartTimeUnixNano(NOW - 1_000)
                .setTimeUnixNano(NOW)
                .setCount(6)
                .setSum(12.5)
                .setMin(0)
                .setMax(7.25)
                .addAllBucketCounts(List.of(1L, 2L, 3L))
                .addAllExplicitBounds(List.of(0.5, 5.0))
                .addExemplars(exemplar()))
        .build();
  }

  private static ExponentialHistogram exponential() {
    return ExponentialHistogram.newBuilder()
        .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
        .addDataPoints(
            ExponentialHistogramDataPoint.newBuilder()
                .addAllAttributes(attributes())
                .setStartTimeUnixNano(NOW - 1_000)
                .setTimeUnixNano(NOW)
                .setCount(7)
                .setSum(1.5)
                .setMin(-2)
                .setMax(3)
                .setScale(-1)
                .setZeroCount(1)
                .setZeroThreshold(0.001)
                .setPositive(
                    ExponentialHistogramDataPoint.Buckets.newBuilder()
                        .setOffset(-3)
                        .addAllBucketCounts(List.of(1L, 0L, 3L)))
                .setNegative(
                    ExponentialHistogramDataPoint.Buckets.newBuilder()
                        .setOffset(2)
                        .addAllBucketCounts(List.of(2L)))
                .addExemplars(exemplar()))
        .build();
  }

  private static Summary summary() {
    return Summary.newBuilder()
        .addDataPoints(
            SummaryDataPoint.newBuilder()
                .addAllAttributes(attributes())
                .setStartTimeUnixNano(NOW - 1_000)
                .setTimeUnixNano(NOW)
                .setCount(4)
                .setSum(9.5)
                .addQuantileValues(
                    SummaryDataPoint.ValueAtQuantile.newBuilder().setQuantile(0.5).setValue(2)))
        .build();
  }

  private static ExportLogsServiceRequest logs(String service) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder()
                .setResource(Otlp.resource(service))
                .setSchemaUrl(SCHEMA)
                .addScopeLogs(
                    ScopeLogs.newBuilder()
                        .setScope(scope())
                        .setSchemaUrl(SCHEMA)
                        .addLogRecords(log().setBody(text("order taken")))
                        .addLogRecords(log().setBody(anyKeyValues()))
                        .addLogRecords(sparseLog())))
        .build();
  }

  /** The Collector writes a body even where there is none. */
  private static LogRecord.Builder sparseLog() {
    return LogRecord.newBuilder().setObservedTimeUnixNano(NOW).setBody(text(""));
  }

  private static LogRecord.Builder log() {
    return LogRecord.newBuilder()
        .setTimeUnixNano(NOW)
        .setObservedTimeUnixNano(NOW + 1)
        .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN2)
        .setSeverityText("WARN2")
        .addAllAttributes(attributes())
        .setDroppedAttributesCount(1)
        .setFlags(1)
        .setTraceId(traceId(1))
        .setSpanId(spanId(1))
        .setEventName("order.taken");
  }

  private static InstrumentationScope scope() {
    return InstrumentationScope.newBuilder()
        .setName("shop")
        .setVersion("1.0")
        .addAllAttributes(attributes())
        .setDroppedAttributesCount(1)
        .build();
  }

  /** One of each kind of value, nested and empty ones too. */
  private static List<KeyValue> attributes() {
    return List.of(
        attribute("text", text("grün \"茶\"\n")),
        attribute("empty", text("")),
        attribute("unset", AnyValue.getDefaultInstance()),
        attribute("bool", AnyValue.newBuilder().setBoolValue(false).build()),
        attribute("int", AnyValue.newBuilder().setIntValue(Long.MIN_VALUE).build()),
        attribute("double", AnyValue.newBuilder().setDoubleValue(99.5).build()),
        attribute(
            "infinite", AnyValue.newBuilder().setDoubleValue(Double.NEGATIVE_INFINITY).build()),
        attribute(
            "bytes",
            AnyValue.newBuilder()
                .setBytesValue(ByteString.copyFrom(new byte[] {0, -1, 62}))
                .build()),
        attribute("keys", anyKeyValues()));
  }

  private static AnyValue anyKeyValues() {
    return AnyValue.newBuilder()
        .setKvlistValue(
            KeyValueList.newBuilder()
                .addValues(attribute("card", text("visa")))
                .addValues(
                    attribute(
                        "codes",
                        AnyValue.newBuilder()
                            .setArrayValue(
                                ArrayValue.newBuilder()
                                    .addValues(AnyValue.newBuilder().setIntValue(51))
                                    .addValues(text("no funds")))
                            .build())))
        .build();
  }

  private static KeyValue attribute(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static AnyValue text(String value) {
    return AnyValue.newBuilder().setStringValue(value).build();
  }

  private static ByteString traceId(long id) {
    return Otlp.span(id).getTraceId();
  }

  private static ByteString spanId(long id) {
    return Otlp.span(id).getSpanId();
  }
}
