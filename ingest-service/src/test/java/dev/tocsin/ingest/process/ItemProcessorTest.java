package dev.tocsin.ingest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.common.config.ConfigException;
import dev.tocsin.common.config.Settings;
import dev.tocsin.otlp.wire.MalformedOtlpException;
import dev.tocsin.otlp.wire.Signal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ItemProcessorTest {
  @TempDir private Path directory;
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  private ItemProcessor processor(String toml) throws Exception {
    return new ItemProcessor(config(toml), metrics);
  }

  private ProcessingConfig config(String toml) throws Exception {
    Path file = Files.writeString(directory.resolve("tocsin.toml"), toml);
    Settings settings = Settings.load(file, Map.of(), Map.of());
    ProcessingConfig config = ProcessingConfig.from(settings.section("ingest"));
    settings.verify();
    return config;
  }

  private double counted(String rule) {
    return metrics.get("otlp.processed").tag("rule", rule).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Span span(String name, KeyValue... attributes) {
    return Span.newBuilder().setName(name).addAllAttributes(Arrays.asList(attributes)).build();
  }

  private static ExportTraceServiceRequest traces(String service, Span... spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    ResourceSpans.Builder resource = request.addResourceSpansBuilder();
    resource.getResourceBuilder().addAttributes(attribute("service.name", service));
    resource.addScopeSpansBuilder().addAllSpans(Arrays.asList(spans));
    return request.build();
  }

  private static ExportTraceServiceRequest apply(
      ItemProcessor processor, ExportTraceServiceRequest request) throws Exception {
    return ExportTraceServiceRequest.parseFrom(
        processor.apply(Signal.TRACES, request.toByteArray()));
  }

  private static List<String> names(ExportTraceServiceRequest request) {
    return request.getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .map(Span::getName)
        .toList();
  }

  @Test
  void request_isTheSameArray_whenNoRuleMatches() throws Exception {
    ItemProcessor processor =
        processor(
            "[[ingest.drop]]\nname='health'\nitem='GET /health'\n[[ingest.redact]]\nname='mail'\nkeys=['user.email']");
    byte[] request = traces("shop", span("GET /cart", attribute("user.id", "7"))).toByteArray();
    assertThat(processor.apply(Signal.TRACES, request)).isSameAs(request);
    assertThat(counted("health") + counted("mail")).isZero();
  }

  @Test
  void spans_areDropped_whenEveryConditionHolds() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.drop]]
            name = "probes"
            signals = ["traces"]
            service = "shop|cart"
            item = "GET /(health|ready)"
            attributes = ["http.response.status_code=2\\\\d{2}"]
            """);
    KeyValue ok = attribute("http.response.status_code", "200");
    KeyValue broken = attribute("http.response.status_code", "503");
    Span probe = span("GET /health", ok);
    assertThat(
            names(
                apply(
                    processor,
                    traces("shop", probe, span("GET /cart", ok), span("GET /ready", broken)))))
        .containsExactly("GET /cart", "GET /ready");
    assertThat(names(apply(processor, traces("payment", probe)))).containsExactly("GET /health");
    assertThat(counted("probes")).isEqualTo(1);
  }

  @Test
  void dryRun_countsAndChangesNothing() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.drop]]
            name = "all-of-shop"
            service = "shop"
            dry_run = true
            [[ingest.redact]]
            name = "mail"
            keys = ["*"]
            value = ".*@.*"
            dry_run = true
            """);
    byte[] request = traces("shop", span("a", attribute("x", "a@b")), span("b")).toByteArray();
    assertThat(processor.apply(Signal.TRACES, request)).isSameAs(request);
    assertThat(counted("all-of-shop")).isEqualTo(2);
    assertThat(counted("mail")).isEqualTo(1);
  }

  @Test
  void attributes_areMaskedRemovedOrHashed_whereverTheyStand() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.redact]]
            name = "mask"
            keys = ["enduser.*"]
            [[ingest.redact]]
            name = "remove"
            keys = ["http.request.header.authorization"]
            action = "remove"
            [[ingest.redact]]
            name = "hash"
            keys = ["user.email"]
            action = "hash"
            hash_key = "pepper"
            """);
    KeyValue user = attribute("enduser.id", "jane");
    KeyValue token = attribute("http.request.header.authorization", "Bearer x");
    KeyValue mail = attribute("user.email", "jane@example.org");
    KeyValue other = attribute("http.route", "/cart");
    Span.Builder span = span("s", other, user, token, mail).toBuilder();
    span.addEventsBuilder().setName("e").addAttributes(user).addAttributes(other);
    span.addLinksBuilder().addAttributes(token).addAttributes(other);
    ExportTraceServiceRequest.Builder request = traces("shop", span.build()).toBuilder();
    request.getResourceSpansBuilder(0).getResourceBuilder().addAttributes(user);
    request
        .getResourceSpansBuilder(0)
        .getScopeSpansBuilder(0)
        .getScopeBuilder()
        .addAttributes(user);

    ExportTraceServiceRequest changed = apply(processor, request.build());

    ResourceSpans resource = changed.getResourceSpans(0);
    KeyValue masked = attribute("enduser.id", "****");
    assertThat(resource.getResource().getAttributesList())
        .containsExactly(attribute("service.name", "shop"), masked);
    assertThat(resource.getScopeSpans(0).getScope().getAttributesList()).containsExactly(masked);
    Span after = resource.getScopeSpans(0).getSpans(0);
    assertThat(after.getAttributesList()).startsWith(other, masked).hasSize(3);
    assertThat(after.getAttributes(2).getKey()).isEqualTo("user.email");
    assertThat(after.getAttributes(2).getValue().getStringValue())
        .matches("[0-9a-f]{64}")
        .isEqualTo(KeyedHash.of(new dev.tocsin.common.config.Secret("pepper"), "jane@example.org"));
    assertThat(after.getEvents(0).getAttributesList()).containsExactly(masked, other);
    assertThat(after.getLinks(0).getAttributesList()).containsExactly(other);
    assertThat(counted("mask")).isEqualTo(4);
    assertThat(counted("remove")).isEqualTo(2);
  }

  @Test
  void logRecords_areDroppedBySeverityAndBody() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.drop]]
            name = "debug"
            severity_below = "info"
            [[ingest.drop]]
            name = "heartbeat"
            body = ".*heartbeat.*"
            """);
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    var records = request.addResourceLogsBuilder().addScopeLogsBuilder();
    records.addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_DEBUG4, "noise"));
    records.addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_INFO, "a heartbeat, again"));
    records.addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_INFO, "kept"));
    records.addLogRecords(log(SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED, "kept, unknown"));
    ExportLogsServiceRequest changed =
        ExportLogsServiceRequest.parseFrom(
            processor.apply(Signal.LOGS, request.build().toByteArray()));
    assertThat(changed.getResourceLogs(0).getScopeLogs(0).getLogRecordsList())
        .extracting(record -> record.getBody().getStringValue())
        .containsExactly("kept", "kept, unknown");
  }

  private static LogRecord log(SeverityNumber severity, String body) {
    return LogRecord.newBuilder()
        .setSeverityNumber(severity)
        .setBody(AnyValue.newBuilder().setStringValue(body))
        .build();
  }

  @Test
  void metrics_areDroppedByName_andTheirPointsCounted() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.drop]]
            name = "jvm"
            signals = ["metrics"]
            item = "jvm\\\\..*"
            [[ingest.redact]]
            name = "host"
            keys = ["host"]
            action = "remove"
            """);
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    var metricsOf = request.addResourceMetricsBuilder().addScopeMetricsBuilder();
    metricsOf.addMetrics(gauge("jvm.memory.used", 3)).addMetrics(gauge("queue.size", 1));
    ExportMetricsServiceRequest changed =
        ExportMetricsServiceRequest.parseFrom(
            processor.apply(Signal.METRICS, request.build().toByteArray()));
    List<Metric> kept = changed.getResourceMetrics(0).getScopeMetrics(0).getMetricsList();
    assertThat(kept).extracting(Metric::getName).containsExactly("queue.size");
    assertThat(kept.get(0).getGauge().getDataPoints(0).getAttributesList()).isEmpty();
    assertThat(counted("jvm")).isEqualTo(3);
  }

  private static Metric gauge(String name, int points) {
    Gauge.Builder gauge = Gauge.newBuilder();
    for (int i = 0; i < points; i++) {
      gauge.addDataPoints(
          NumberDataPoint.newBuilder().setAsInt(i).addAttributes(attribute("host", "h" + i)));
    }
    return Metric.newBuilder().setName(name).setGauge(gauge).build();
  }

  @Test
  void rules_areRefusedWithWhatIsWrong() {
    assertThatThrownBy(
            () ->
                config(
                    """
                    [[ingest.drop]]
                    name = "everything"
                    [[ingest.drop]]
                    name = "bad"
                    item = "("
                    severity_below = "loud"
                    signals = ["trace"]
                    [[ingest.redact]]
                    name = "bad"
                    keys = ["a"]
                    action = "hash"
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("everything (expected: a condition")
        .hasMessageContaining("item: ( (expected: an RE2 regular expression")
        .hasMessageContaining("severity_below: loud")
        .hasMessageContaining("signals: trace (expected: traces, metrics or logs)")
        .hasMessageContaining("name: bad (expected: a name no other rule has)")
        .hasMessageContaining("hash_key: none (expected: a secret for action hash");
  }

  /** What cannot be read is left to the scan, which names the place; nothing else may happen. */
  @Test
  void damagedRequests_endInTheirOwnErrorOnly() throws Exception {
    ItemProcessor processor =
        processor(
            """
            [[ingest.drop]]
            name = "probes"
            service = "sh.p"
            item = "GET /.*"
            attributes = ["user.id=.*7"]
            [[ingest.redact]]
            name = "all"
            keys = ["*"]
            """);
    Span span = span("GET /cart", attribute("user.id", "77"), attribute("http.route", "/cart"));
    byte[] request = traces("shop", span, span("x", attribute("a", "b"))).toByteArray();
    Random random = new Random(4);
    int readable = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] damaged = request.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        byte[] changed = processor.apply(Signal.TRACES, damaged);
        readable += changed == damaged ? 0 : 1;
      } catch (MalformedOtlpException expected) {
        assertThat(expected).hasMessageContaining("byte ");
      }
    }
    assertThat(readable).isBetween(1, 4_999);
  }
}
