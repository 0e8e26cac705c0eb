package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenTelemetry SDK for Java with its own exporters. */
class SdkIT {
  private static RunningIngest ingest;

  @BeforeAll
  static void start() {
    ingest = RunningIngest.start(Backends.kafka(), Map.of());
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void spansOfGrpcExporter_areInKafka_plainAndCompressed() {
    for (String compression : List.of("none", "gzip")) {
      assertSpanArrives(
          OtlpGrpcSpanExporter.builder()
              .setEndpoint("http://" + ingest.grpc())
              .setCompression(compression)
              .build());
    }
  }

  @Test
  void spansOfHttpExporter_areInKafka_plainAndCompressed() {
    for (String compression : List.of("none", "gzip")) {
      assertSpanArrives(
          OtlpHttpSpanExporter.builder()
              .setEndpoint(ingest.http() + "/v1/traces")
              .setCompression(compression)
              .build());
    }
  }

  @Test
  void metricsOfBothExporters_areInKafka() {
    assertCounterArrives(
        OtlpGrpcMetricExporter.builder().setEndpoint("http://" + ingest.grpc()).build());
    assertCounterArrives(
        OtlpHttpMetricExporter.builder().setEndpoint(ingest.http() + "/v1/metrics").build());
  }

  @Test
  void logsOfBothExporters_areInKafka() {
    assertLogArrives(
        OtlpGrpcLogRecordExporter.builder().setEndpoint("http://" + ingest.grpc()).build());
    assertLogArrives(
        OtlpHttpLogRecordExporter.builder().setEndpoint(ingest.http() + "/v1/logs").build());
  }

  private static void assertSpanArrives(SpanExporter exporter) {
    String service = Backends.uniqueName("sdk");
    try (SdkTracerProvider provider =
            SdkTracerProvider.builder()
                .setResource(resource(service))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build();
        TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      Span span =
          provider.get("scope").spanBuilder("checkout").setSpanKind(SpanKind.SERVER).startSpan();
      span.setAttribute("order.id", 42);
      span.addEvent("paid", Attributes.of(AttributeKey.stringKey("card"), "visa"));
      span.setStatus(StatusCode.ERROR, "too late");
      span.end();
      assertDone(provider.forceFlush());
      var messages = reader.await(message -> !TopicReader.spans(message, service).isEmpty());
      var stored = TopicReader.spans(messages.get(0), service).get(0);
      assertThat(HexFormat.of().formatHex(stored.getTraceId().toByteArray()))
          .isEqualTo(span.getSpanContext().getTraceId());
      assertThat(HexFormat.of().formatHex(stored.getSpanId().toByteArray()))
          .isEqualTo(span.getSpanContext().getSpanId());
      assertThat(stored.getName()).isEqualTo("checkout");
      assertThat(stored.getAttributesList())
          .extracting(KeyValue::getKey, a -> a.getValue().getIntValue())
          .containsExactly(org.assertj.core.groups.Tuple.tuple("order.id", 42L));
      assertThat(stored.getEvents(0).getName()).isEqualTo("paid");
      assertThat(stored.getEvents(0).getAttributes(0).getValue().getStringValue())
          .isEqualTo("visa");
      assertThat(stored.getStatus().getMessage()).isEqualTo("too late");
    }
  }

  private static void assertCounterArrives(MetricExporter exporter) {
    String service = Backends.uniqueName("sdk-metrics");
    try (SdkMeterProvider provider =
            SdkMeterProvider.builder()
                .setResource(resource(service))
                .registerMetricReader(PeriodicMetricReader.create(exporter))
                .build();
        TopicReader reader = new TopicReader(Backends.kafka(), Topic.METRICS)) {
      provider.get("scope").counterBuilder("orders").build().add(7);
      assertDone(provider.forceFlush());
      var messages = reader.await(message -> !metrics(message.value(), service).isEmpty());
      var metric = metrics(messages.get(0).value(), service).get(0);
      assertThat(metric.getName()).isEqualTo("orders");
      assertThat(metric.getSum().getDataPoints(0).getAsInt()).isEqualTo(7);
    }
  }

  private static void assertLogArrives(LogRecordExporter exporter) {
    String service = Backends.uniqueName("sdk-logs");
    try (SdkLoggerProvider provider =
            SdkLoggerProvider.builder()
                .setResource(resource(service))
                .addLogRecordProcessor(SimpleLogRecordProcessor.create(exporter))
                .build();
        TopicReader reader = new TopicReader(Backends.kafka(), Topic.LOGS)) {
      provider.get("scope").logRecordBuilder().setBody("order taken").emit();
      assertDone(provider.forceFlush());
      var messages = reader.await(message -> !bodies(message.value(), service).isEmpty());
      assertThat(bodies(messages.get(0).value(), service)).containsExactly("order taken");
    }
  }

  private static List<io.opentelemetry.proto.metrics.v1.Metric> metrics(
      byte[] value, String service) {
    try {
      return ExportMetricsServiceRequest.parseFrom(value).getResourceMetricsList().stream()
          .filter(r -> Otlp.isFrom(r.getResource(), service))
          .flatMap(r -> r.getScopeMetricsList().stream())
          .flatMap(s -> s.getMetricsList().stream())
          .toList();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> bodies(byte[] value, String service) {
    try {
      return ExportLogsServiceRequest.parseFrom(value).getResourceLogsList().stream()
          .filter(r -> Otlp.isFrom(r.getResource(), service))
          .flatMap(r -> r.getScopeLogsList().stream())
          .flatMap(s -> s.getLogRecordsList().stream())
          .map(log -> log.getBody().getStringValue())
          .toList();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static Resource resource(String service) {
    return Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), service));
  }

  private static void assertDone(CompletableResultCode result) {
    assertThat(result.join(30, TimeUnit.SECONDS).isSuccess()).isTrue();
  }
}
