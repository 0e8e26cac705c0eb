package dev.tocsin.ingest.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.ingest.body.Allowance;
import dev.tocsin.ingest.ports.Reason;
import dev.tocsin.ingest.ports.RefusedException;
import dev.tocsin.otlp.wire.OtlpRequest;
import dev.tocsin.otlp.wire.OtlpScanner;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whole requests as senders write them, one a kind of telemetry, in resources/otlp. */
class ExamplesTest {
  private static final Map<String, Signal> EXAMPLES =
      Map.of(
          "traces", Signal.TRACES,
          "metrics", Signal.METRICS,
          "logs", Signal.LOGS,
          "events", Signal.LOGS);
  private static final Map<String, Integer> ITEMS =
      Map.of("traces", 2, "metrics", 7, "logs", 2, "events", 1);

  private final JsonTranscoder transcoder = new JsonTranscoder(1 << 20);

  @Test
  void examples_areKeptWhole_withoutWarnings() {
    EXAMPLES.forEach(
        (name, signal) -> {
          Transcoded transcoded = transcode(signal, read(name));
          OtlpRequest request = OtlpScanner.scan(signal, transcoded.request());
          assertThat(request.items()).as(name).isEqualTo(ITEMS.get(name));
          assertThat(request.rejected()).as(name).isEmpty();
          assertThat(transcoded.warnings()).as(name).isEmpty();
        });
  }

  @Test
  void examples_meanInProtobuf_whatTheySayInJson() throws Exception {
    var spans =
        ExportTraceServiceRequest.parseFrom(transcode(Signal.TRACES, read("traces")).request())
            .getResourceSpans(0)
            .getScopeSpans(0);
    var span = spans.getSpans(0);
    assertThat(span.getFlags()).isEqualTo(769);
    assertThat(span.getEndTimeUnixNano() - span.getStartTimeUnixNano()).isEqualTo(250_000_000);
    assertThat(span.getAttributes(2).getValue().getDoubleValue()).isInfinite();
    assertThat(span.getAttributes(4).getValue().getBytesValue().size()).isEqualTo(4);
    assertThat(span.getAttributes(6).getValue().getArrayValue().getValuesCount()).isEqualTo(3);
    assertThat(spans.getSpans(1).getParentSpanId().isEmpty()).isTrue();
    assertThat(spans.getSpans(1).getKindValue()).isZero();
    var metrics =
        ExportMetricsServiceRequest.parseFrom(transcode(Signal.METRICS, read("metrics")).request())
            .getResourceMetrics(0)
            .getScopeMetrics(0);
    assertThat(metrics.getMetrics(0).getGauge().getDataPoints(1).getAsDouble()).isNaN();
    assertThat(metrics.getMetrics(3).getExponentialHistogram().getDataPoints(0).getScale())
        .isEqualTo(3);
    LogRecord event =
        ExportLogsServiceRequest.parseFrom(transcode(Signal.LOGS, read("events")).request())
            .getResourceLogs(0)
            .getScopeLogs(0)
            .getLogRecords(0);
    assertThat(event.getEventName()).isEqualTo("browser.page_view");
  }

  /** A fixed budget; what is taken can be scanned, and so be parsed by every reader. */
  @Test
  void damagedExamples_areTakenOrRefused_andWhatIsTakenCanBeRead() {
    Random random = new Random(8);
    int taken = 0;
    int refused = 0;
    for (int round = 0; round < 6_000; round++) {
      String name = EXAMPLES.keySet().stream().sorted().toList().get(round % EXAMPLES.size());
      Signal signal = Objects.requireNonNull(EXAMPLES.get(name));
      byte[] json = read(name);
      for (int damage = random.nextInt(3); damage >= 0; damage--) {
        json[random.nextInt(json.length)] =
            random.nextBoolean() ? (byte) random.nextInt(256) : json[random.nextInt(json.length)];
      }
      try {
        OtlpRequest request = OtlpScanner.scan(signal, transcode(signal, json).request());
        assertThat(request.items()).isNotNegative();
        taken++;
      } catch (RefusedException e) {
        assertThat(e.reason()).as(new String(json, ISO_8859_1)).isEqualTo(Reason.MALFORMED);
        refused++;
      }
    }
    assertThat(taken).isPositive();
    assertThat(refused).isPositive();
    assertThat(transcode(Signal.LOGS, "{}".getBytes(UTF_8)).request()).isEmpty();
  }

  private Transcoded transcode(Signal signal, byte[] json) {
    return transcoder.transcode(signal, json, Allowance.UNLIMITED);
  }

  private static byte[] read(String name) {
    try (InputStream in = ExamplesTest.class.getResourceAsStream("/otlp/" + name + ".json")) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
