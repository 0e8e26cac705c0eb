package dev.tocsin.storage;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** OTLP requests as a small shop would send them. */
final class Otlp {
  private Otlp() {}

  static ByteString id(int bytes) {
    byte[] id = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(id);
    return ByteString.copyFrom(id);
  }

  static long nowNanos() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  static Resource resource(String service) {
    return Resource.newBuilder()
        .addAttributes(text("service.name", service))
        .addAttributes(text("service.instance.id", service + "-1"))
        .build();
  }

  static Span.Builder span(ByteString traceId, String name, long startNanos) {
    return Span.newBuilder()
        .setTraceId(traceId)
        .setSpanId(id(8))
        .setName(name)
        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
        .setStartTimeUnixNano(startNanos)
        .setEndTimeUnixNano(startNanos + 25_000_000)
        .setFlags(0x101)
        .addAttributes(text("http.route", name))
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("http.response.status_code")
                .setValue(AnyValue.newBuilder().setIntValue(200)));
  }

  /** A span with an error, an event with a stack, a link and values of every type. */
  static Span failing(ByteString traceId, ByteString parent, long startNanos) {
    AnyValue list =
        AnyValue.newBuilder()
            .setArrayValue(
                ArrayValue.newBuilder().addValues(AnyValue.newBuilder().setDoubleValue(0.5)))
            .build();
    return span(traceId, "charge", startNanos)
        .setParentSpanId(parent)
        .setKind(Span.SpanKind.SPAN_KIND_CLIENT)
        .setTraceState("shop=1")
        .addAttributes(KeyValue.newBuilder().setKey("amounts").setValue(list))
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("raw")
                .setValue(AnyValue.newBuilder().setBytesValue(id(5))))
        .setStatus(
            Status.newBuilder()
                .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                .setMessage("card declined"))
        .addEvents(
            Span.Event.newBuilder()
                .setName("exception")
                .setTimeUnixNano(startNanos + 5)
                .addAttributes(text("exception.stacktrace", "at Shop.charge(Shop.java:42)")))
        .addLinks(Span.Link.newBuilder().setTraceId(id(16)).setSpanId(id(8)).setFlags(1))
        .setDroppedEventsCount(2)
        .build();
  }

  static ExportTraceServiceRequest spans(String service, List<Span> spans) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setResource(resource(service))
                .setSchemaUrl("https://opentelemetry.io/schemas/1.44.0")
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setScope(InstrumentationScope.newBuilder().setName("shop").setVersion("1"))
                        .addAllSpans(spans)))
        .build();
  }

  static LogRecord.Builder log(String body, long nanos) {
    return LogRecord.newBuilder()
        .setTimeUnixNano(nanos)
        .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_INFO)
        .setSeverityText("INFO")
        .setBody(AnyValue.newBuilder().setStringValue(body));
  }

  static ExportLogsServiceRequest logs(String service, List<LogRecord> logs) {
    return ExportLogsServiceRequest.newBuilder()
        .addResourceLogs(
            ResourceLogs.newBuilder()
                .setResource(resource(service))
                .addScopeLogs(ScopeLogs.newBuilder().addAllLogRecords(logs)))
        .build();
  }

  /** Calls as derive counts them: a delta sum by status. */
  static ExportMetricsServiceRequest calls(
      String service, String status, long timeNanos, double count) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .setResource(resource(service))
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(
                            Metric.newBuilder()
                                .setName("traces.calls")
                                .setSum(
                                    Sum.newBuilder()
                                        .setIsMonotonic(true)
                                        .setAggregationTemporality(
                                            AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                        .addDataPoints(
                                            NumberDataPoint.newBuilder()
                                                .setTimeUnixNano(timeNanos)
                                                .setAsDouble(count)
                                                .addAttributes(text("status_code", status)))))))
        .build();
  }
}
