package dev.tocsin.ingest.receive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.otlp.wire.Signal;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class ItemMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void keys_areToldApartUpToALimit() {
    ItemMetrics metrics = new ItemMetrics(registry, 2);
    for (String key : new String[] {"a", "b", "c", "d", "a"}) {
      metrics.of("grpc", Signal.LOGS, key).succeeded();
    }
    assertThat(requests("a")).isEqualTo(2);
    assertThat(requests("b")).isEqualTo(1);
    assertThat(requests("other")).isEqualTo(2);
    assertThat(metrics.of("grpc", Signal.LOGS, "c")).isSameAs(metrics.of("grpc", Signal.LOGS, "d"));
  }

  @Test
  void ourDefects_areFailures_allElseIsRefused_asACollectorSaysIt() {
    ItemMetrics.Series series = new ItemMetrics(registry, 2).of("http", Signal.TRACES, "a");
    series.ended(Reason.INTERNAL);
    series.ended(Reason.KAFKA_UNAVAILABLE);
    series.ended(Reason.RATE_LIMITED);
    series.succeeded();
    assertThat(collectorRequests("failure")).isEqualTo(1);
    assertThat(collectorRequests("refused")).isEqualTo(2);
    assertThat(collectorRequests("success")).isEqualTo(1);
  }

  @Test
  void userAgents_areCountedBySdk_upToALimit() {
    SdkMetrics sdks = new SdkMetrics(registry, 3);
    sdks.count("OTel-OTLP-Exporter-Java/1.67.0");
    sdks.count("OTel-OTLP-Exporter-Java/1.67.0");
    sdks.count("OpenTelemetry Collector Contrib/0.140.0 (linux/amd64)");
    sdks.count(null);
    sdks.count("one/1");
    sdks.count("two/2");
    assertThat(sdk("OTel-OTLP-Exporter-Java", "1.67.0")).isEqualTo(2);
    assertThat(sdk("OpenTelemetry Collector Contrib", "0.140.0")).isEqualTo(1);
    assertThat(sdk("unknown", "")).isEqualTo(1);
    assertThat(sdk("other", "")).isEqualTo(2);
    assertThat(registry.getMeters()).extracting(Meter::getId).hasSize(4);
  }

  private double requests(String key) {
    return registry.get("otlp.key.requests").tag("key", key).counter().count();
  }

  private double collectorRequests(String outcome) {
    return registry.get("otelcol.receiver.requests").tag("outcome", outcome).counter().count();
  }

  private double sdk(String name, String version) {
    return registry
        .get("otlp.sdk.requests")
        .tags("sdk", name, "version", version)
        .counter()
        .count();
  }
}
