package dev.tocsin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.common.contract.Topic;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.otel.JavaScriptShop;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The OpenTelemetry JavaScript SDK, which sends OTLP over HTTP/JSON. */
class JavaScriptIT {

  @Test
  void everySpanMetricAndLogOfTheSdk_isInKafka() throws Exception {
    assumeTrue(JavaScriptShop.isPossible(), "node and npm cannot be run here");
    JavaScriptShop shop = JavaScriptShop.install(Path.of("target", "otel", "js"));
    String service = Backends.uniqueName("js");
    try (RunningIngest ingest = RunningIngest.start(Backends.kafka(), Map.of())) {
      JsonArray sent = new JsonObject(shop.run(service, ingest.http())).getJsonArray("spans");
      assertThat(sent).hasSize(2);
      assertThat(spans(service).stream().map(JavaScriptIT::describe))
          .containsExactlyInAnyOrderElementsOf(sent.stream().map(JsonObject.class::cast).toList());
      assertValuesSurvive(spans(service));
      assertMetricAndLogArrive(service);
    }
  }

  /** In the form the program prints. */
  private static JsonObject describe(Span span) {
    JsonArray events = new JsonArray();
    span.getEventsList()
        .forEach(
            event ->
                events.add(
                    new JsonObject()
                        .put("name", event.getName())
                        .put("attributes", keys(event.getAttributesList()))));
    JsonArray links = new JsonArray();
    span.getLinksList().forEach(link -> links.add(hex(link.getSpanId().toByteArray())));
    return new JsonObject()
        .put("traceId", hex(span.getTraceId().toByteArray()))
        .put("spanId", hex(span.getSpanId().toByteArray()))
        .put("parentSpanId", hex(span.getParentSpanId().toByteArray()))
        .put("name", span.getName())
        .put("startNanos", Long.toString(span.getStartTimeUnixNano()))
        .put("attributes", keys(span.getAttributesList()))
        .put("events", events)
        .put("links", links)
        .put("statusMessage", span.getStatus().getMessage());
  }

  private static JsonArray keys(List<KeyValue> attributes) {
    return new JsonArray(attributes.stream().map(KeyValue::getKey).toList());
  }

  private static void assertValuesSurvive(List<Span> spans) {
    Span order = spans.stream().filter(s -> s.getName().equals("POST /orders")).findAny().get();
    assertThat(order.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(order.getAttributes(0).getValue().getIntValue()).isEqualTo(42);
    assertThat(order.getAttributes(1).getValue().getDoubleValue()).isEqualTo(99.5);
    assertThat(order.getAttributes(2).getValue().hasBoolValue()).isTrue();
    assertThat(order.getAttributes(3).getValue().getArrayValue().getValuesList())
        .extracting(value -> value.getStringValue())
        .containsExactly("grün", "茶");
  }

  private static void assertMetricAndLogArrive(String service) throws Exception {
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.METRICS)) {
      List<Double> counts = new ArrayList<>();
      for (var message : reader.readToEnd()) {
        ExportMetricsServiceRequest.parseFrom(message.value()).getResourceMetricsList().stream()
            .filter(r -> Otlp.isFrom(r.getResource(), service))
            .flatMap(r -> r.getScopeMetrics(0).getMetricsList().stream())
            .forEach(metric -> counts.add(metric.getSum().getDataPoints(0).getAsDouble()));
      }
      // Flushing and shutting down may export the same cumulative value twice.
      assertThat(counts).isNotEmpty().containsOnly(3.0);
    }
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.LOGS)) {
      List<String> bodies = new ArrayList<>();
      for (var message : reader.readToEnd()) {
        ExportLogsServiceRequest.parseFrom(message.value()).getResourceLogsList().stream()
            .filter(r -> Otlp.isFrom(r.getResource(), service))
            .flatMap(r -> r.getScopeLogs(0).getLogRecordsList().stream())
            .forEach(log -> bodies.add(log.getBody().getStringValue()));
      }
      assertThat(bodies).containsExactly("card declined");
    }
  }

  private static List<Span> spans(String service) {
    try (TopicReader reader = new TopicReader(Backends.kafka(), Topic.SPANS)) {
      return reader.readToEnd().stream()
          .flatMap(message -> TopicReader.spans(message, service).stream())
          .toList();
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
