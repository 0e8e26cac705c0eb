package dev.tocsin.otlp.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.wire.ItemLimits;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.OtlpSplit;
import dev.tocsin.otlp.wire.OtlpSplitter;
import dev.tocsin.otlp.wire.Rejection;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Points whose series would be too long are rejected where they arrive. */
class SeriesLabelLimitTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final ItemLimits LIMITS =
      ItemLimits.around(NOW, Duration.ofDays(30), Duration.ofHours(1))
          .with(new SeriesLabelLimit(16_384, 512, IdentifyingAttributes.DEFAULT));

  /** Of {@code __name__}, {@code m}, {@code job}, {@code shop} and the attribute's key. */
  private static final int AROUND = 8 + 1 + 3 + 4 + 1;

  @Test
  void points_areRejected_byTheVeryCharacterThatIsTooMuch() {
    var request = request("m");
    var gauge = request.getResourceMetricsBuilder(0).getScopeMetricsBuilder(0).getMetricsBuilder(0);
    gauge.getGaugeBuilder().addDataPoints(point("short"));
    gauge.getGaugeBuilder().addDataPoints(point("x".repeat(16_384 - AROUND)));
    gauge.getGaugeBuilder().addDataPoints(point("x".repeat(16_385 - AROUND)));
    gauge.getGaugeBuilder().addDataPoints(point("\u4e16".repeat(6_000)));
    OtlpRequest scanned = scan(request);
    assertThat(scanned.items()).isEqualTo(4);
    assertThat(scanned.rejected()).isEqualTo(Map.of(Rejection.LABELS_TOO_LONG, 1));
    OtlpSplit split = OtlpSplitter.split(scanned, 1, 1 << 20);
    assertThat(split.accepted()).isEqualTo(3);
    assertThat(split.firstCases().get(Rejection.LABELS_TOO_LONG).service()).isEqualTo("shop");
    assertThat(split.firstCases().get(Rejection.LABELS_TOO_LONG).expected())
        .isEqualTo("at most 16384 characters, names up to 512");
    assertThat(OtlpScanner.scan(Signal.METRICS, split.parts().get(0).value(), LIMITS).rejected())
        .isEmpty();
  }

  @Test
  void metrics_areRejected_whenTheirNameIsTooLong() {
    for (int length : new int[] {511, 512, 513, 600}) {
      var request = request("m".repeat(length));
      request
          .getResourceMetricsBuilder(0)
          .getScopeMetricsBuilder(0)
          .getMetricsBuilder(0)
          .getGaugeBuilder()
          .addDataPoints(point("v"));
      assertThat(scan(request).rejected())
          .as("%d", length)
          .isEqualTo(length <= 512 ? Map.of() : Map.of(Rejection.LABELS_TOO_LONG, 1));
    }
  }

  private static OtlpRequest scan(ExportMetricsServiceRequest.Builder request) {
    return OtlpScanner.scan(Signal.METRICS, request.build().toByteArray(), LIMITS);
  }

  private static ExportMetricsServiceRequest.Builder request(String name) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var resource = request.addResourceMetricsBuilder();
    resource.getResourceBuilder().addAttributes(attribute("service.name", "shop"));
    resource.addScopeMetricsBuilder().addMetricsBuilder().setName(name);
    return request;
  }

  private static NumberDataPoint.Builder point(String value) {
    return NumberDataPoint.newBuilder()
        .setTimeUnixNano(NOW.getEpochSecond() * 1_000_000_000)
        .setAsDouble(1)
        .addAttributes(attribute("k", value));
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
