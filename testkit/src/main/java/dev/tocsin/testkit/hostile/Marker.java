package dev.tocsin.testkit.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Small, well-formed telemetry that can be told from all other: one span, one gauge point and one
 * log record of a service of their own. When it comes out at the other end, nothing stands in the
 * way.
 */
public record Marker(long number, Instant at) {
  /** Of all markers, and of no other telemetry: one more for each would fill services' limits. */
  public static final String SERVICE = "hostile-marker";

  /** The gauge, as PromQL calls it; its value is the number. */
  public static final String METRIC = "hostile_marker";

  /** In hex. */
  public String traceId() {
    return "%016x%016x".formatted(0x6d61726b6572L, number + 1);
  }

  /** The body of the log record. */
  public String line() {
    return "this is marker " + number;
  }

  /** One item of the signal. */
  public byte[] request(Signal signal) {
    Message request =
        switch (signal) {
          case TRACES -> trace();
          case METRICS -> metric();
          case LOGS -> log();
          case PROFILES -> throw new IllegalArgumentException("profiles have no consumer");
        };
    return request.toByteArray();
  }

  private long nanos() {
    return at.toEpochMilli() * 1_000_000;
  }

  private static Resource resource() {
    return Resource.newBuilder().addAttributes(Ordinary.attribute("service.name", SERVICE)).build();
  }

  private ExportTraceServiceRequest trace() {
    var request = ExportTraceServiceRequest.newBuilder();
    request
        .addResourceSpansBuilder()
        .setResource(resource())
        .addScopeSpansBuilder()
        .addSpans(
            Span.newBuilder()
                .setTraceId(
                    ByteString.copyFrom(
                        ByteBuffer.allocate(16)
                            .putLong(0x6d61726b6572L)
                            .putLong(number + 1)
                            .flip()))
                .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(number + 1).flip()))
                .setName("marker")
                .setKind(Span.SpanKind.SPAN_KIND_SERVER)
                .setStartTimeUnixNano(nanos())
                .setEndTimeUnixNano(nanos() + 1_000_000));
    return request.build();
  }

  private ExportMetricsServiceRequest metric() {
    var request = ExportMetricsServiceRequest.newBuilder();
    Metric.Builder metric = Metric.newBuilder().setName("hostile.marker");
    metric
        .getGaugeBuilder()
        .addDataPoints(NumberDataPoint.newBuilder().setTimeUnixNano(nanos()).setAsInt(number));
    request
        .addResourceMetricsBuilder()
        .setResource(resource())
        .addScopeMetricsBuilder()
        .addMetrics(metric);
    return request.build();
  }

  private ExportLogsServiceRequest log() {
    var request = ExportLogsServiceRequest.newBuilder();
    request
        .addResourceLogsBuilder()
        .setResource(resource())
        .addScopeLogsBuilder()
        .addLogRecordsBuilder()
        .setTimeUnixNano(nanos())
        .setBody(AnyValue.newBuilder().setStringValue(line()));
    return request.build();
  }
}
