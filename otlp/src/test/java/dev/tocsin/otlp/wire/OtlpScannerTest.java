package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OtlpScannerTest {

  @Test
  void scanner_countsWhatProtobufCounts_forAnyRequest() {
    for (int seed = 0; seed < 300; seed++) {
      RandomOtlp otlp = new RandomOtlp(seed);
      var traces = otlp.traces();
      var metrics = otlp.metrics();
      var logs = otlp.logs();
      assertThat(OtlpScanner.scan(Signal.TRACES, traces.toByteArray()).items())
          .isEqualTo(
              traces.getResourceSpansList().stream()
                  .flatMap(r -> r.getScopeSpansList().stream())
                  .mapToInt(ScopeSpans::getSpansCount)
                  .sum());
      assertThat(OtlpScanner.scan(Signal.METRICS, metrics.toByteArray()).items())
          .isEqualTo(
              metrics.getResourceMetricsList().stream()
                  .flatMap(r -> r.getScopeMetricsList().stream())
                  .flatMap(s -> s.getMetricsList().stream())
                  .mapToInt(
                      m ->
                          m.getGauge().getDataPointsCount() + m.getHistogram().getDataPointsCount())
                  .sum());
      assertThat(OtlpScanner.scan(Signal.LOGS, logs.toByteArray()).items())
          .isEqualTo(
              logs.getResourceLogsList().stream()
                  .flatMap(r -> r.getScopeLogsList().stream())
                  .mapToInt(s -> s.getLogRecordsCount())
                  .sum());
    }
  }

  @Test
  void scanner_countsPointsOfEveryKindOfMetric() {
    var scope =
        ScopeMetrics.newBuilder()
            .addMetrics(
                Metric.newBuilder()
                    .setSum(Sum.newBuilder().addDataPoints(NumberDataPoint.getDefaultInstance())))
            .addMetrics(
                Metric.newBuilder()
                    .setExponentialHistogram(
                        ExponentialHistogram.newBuilder()
                            .addDataPoints(ExponentialHistogramDataPoint.getDefaultInstance())
                            .addDataPoints(ExponentialHistogramDataPoint.getDefaultInstance())))
            .addMetrics(
                Metric.newBuilder()
                    .setSummary(
                        Summary.newBuilder().addDataPoints(SummaryDataPoint.getDefaultInstance())))
            .addMetrics(Metric.newBuilder().setName("without data"));
    byte[] bytes =
        MetricsData.newBuilder()
            .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
            .build()
            .toByteArray();
    assertThat(OtlpScanner.scan(Signal.METRICS, bytes).items()).isEqualTo(4);
  }

  @Test
  void scanner_rejectsSpansWithInvalidIds_andCountsThemByReason() {
    ByteString trace =
        ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7});
    ByteString id = ByteString.copyFrom(new byte[] {0, 0, 0, 0, 0, 0, 0, 1});
    byte[] bytes =
        request(
                span(trace, id),
                span(ByteString.copyFrom(new byte[16]), id),
                span(trace.substring(1), id),
                span(ByteString.EMPTY, ByteString.EMPTY),
                span(trace, ByteString.copyFrom(new byte[8])),
                span(trace, id.concat(id)))
            .toByteArray();
    OtlpRequest request = OtlpScanner.scan(Signal.TRACES, bytes);
    assertThat(request.items()).isEqualTo(6);
    assertThat(request.rejected())
        .isEqualTo(Map.of(Rejection.INVALID_TRACE_ID, 3, Rejection.INVALID_SPAN_ID, 2));
  }

  @Test
  void scanner_warnsOfStringIndexes_butKeepsTheItem() {
    var attribute = KeyValue.newBuilder().setKeyStrindex(3).build();
    var span = new RandomOtlp(5).span().toBuilder().addAttributes(attribute).build();
    OtlpRequest request = OtlpScanner.scan(Signal.TRACES, request(span).toByteArray());
    assertThat(request.warnings()).isEqualTo(Map.of(Warning.STRING_INDEX, ""));
    assertThat(request.rejected()).isEmpty();
    var plain = request(new RandomOtlp(5).span()).toByteArray();
    assertThat(OtlpScanner.scan(Signal.TRACES, plain).warnings()).isEmpty();
  }

  @Test
  void scanner_stepsOverUnknownFields_groupsIncluded() {
    var group =
        UnknownFieldSet.Field.newBuilder()
            .addGroup(
                UnknownFieldSet.newBuilder()
                    .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
                    .build())
            .addFixed32(1)
            .addFixed64(2)
            .addVarint(-1)
            .build();
    var unknown = UnknownFieldSet.newBuilder().addField(1000, group).build();
    RandomOtlp otlp = new RandomOtlp(7);
    byte[] bytes =
        ExportTraceServiceRequest.newBuilder()
            .setUnknownFields(unknown)
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .setUnknownFields(unknown)
                    .addScopeSpans(
                        ScopeSpans.newBuilder()
                            .setUnknownFields(unknown)
                            .addSpans(otlp.span().toBuilder().setUnknownFields(unknown))))
            .build()
            .toByteArray();
    OtlpRequest request = OtlpScanner.scan(Signal.TRACES, bytes);
    assertThat(request.items()).isEqualTo(1);
    assertThat(request.rejected()).isEmpty();
  }

  @Test
  void scanner_acceptsEmptyBody_asRequestWithoutItems() {
    assertThat(OtlpScanner.scan(Signal.LOGS, new byte[0]).items()).isZero();
  }

  @Test
  void scanner_refusesRequestOfMoreThanAMillionParts_namingTheirNumber() {
    byte[] bytes = new byte[2 * 1_000_002];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = 0x0a; // an empty resource
    }
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.TRACES, bytes))
        .isInstanceOf(MalformedOtlpException.class)
        .hasMessageContaining(
            "1000002 resources, scopes and items in one request (expected: at most 1000000)");
    byte[] most = Arrays.copyOf(bytes, 2 * 1_000_000);
    assertThat(OtlpScanner.scan(Signal.TRACES, most).resourceCount()).isEqualTo(1_000_000);
  }

  @Test
  void scanner_countsThePointsOfOneMetric_asPartsOfTheRequest() {
    Metric.Builder metric = Metric.newBuilder();
    for (int i = 0; i < 1_000_000; i++) {
      metric.getGaugeBuilder().addDataPoints(NumberDataPoint.getDefaultInstance());
    }
    byte[] bytes =
        MetricsData.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder()
                    .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.METRICS, bytes))
        .hasMessageContaining("1000002 resources");
  }

  @Test
  void scanner_namesPosition_whenLengthPassesEnd() {
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.TRACES, new byte[] {0x0a, 0x05, 0x12}))
        .isInstanceOf(MalformedOtlpException.class)
        .hasMessage("byte 1: length 5 (expected: at most 1)")
        .extracting("position")
        .isEqualTo(1);
  }

  @Test
  void scanner_refusesWhatIsNoProtobuf() {
    for (String text : new String[] {"hello", "{}", "<html>", "\0", "\u000b"}) {
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> OtlpScanner.scan(Signal.LOGS, bytes))
          .as(text)
          .isInstanceOf(MalformedOtlpException.class);
    }
  }

  @Test
  void scanner_refusesDeepGroups_insteadOfOverflowing() {
    byte[] bytes = new byte[10_000];
    Arrays.fill(bytes, (byte) 0x13); // start of group 2
    assertThatThrownBy(() -> OtlpScanner.scan(Signal.TRACES, bytes))
        .hasMessageContaining("nested over 100");
  }

  /** It was taken, and stopped the consumer that parsed it. */
  @Test
  void scanner_refusesGroupsDeeperThanAParserFollows_countingTheMessagesAroundThem()
      throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/otlp/nested-groups-100.bin")) {
      byte[] bytes = Objects.requireNonNull(in).readAllBytes();
      assertThat(protobufAccepts(bytes)).isFalse();
      assertThatThrownBy(() -> OtlpScanner.scan(Signal.TRACES, bytes))
          .isInstanceOf(MalformedOtlpException.class)
          .hasMessageContaining("nested over 100");
    }
  }

  @Test
  void scanner_followsGroupsAsDeepAsProtobuf_inEveryMessage() {
    for (int groups = 90; groups <= 102; groups++) {
      UnknownFieldSet unknown = UnknownFieldSet.getDefaultInstance();
      for (int i = 0; i < groups; i++) {
        var group = UnknownFieldSet.Field.newBuilder().addGroup(unknown).build();
        unknown = UnknownFieldSet.newBuilder().addField(1000, group).build();
      }
      for (int place = 0; place < 5; place++) {
        byte[] bytes = withUnknown(unknown, place).toByteArray();
        assertThat(scannerAccepts(bytes))
            .as("%d groups in message %d", groups, place)
            .isEqualTo(protobufAccepts(bytes));
      }
    }
  }

  private static ExportTraceServiceRequest withUnknown(UnknownFieldSet unknown, int place) {
    UnknownFieldSet none = UnknownFieldSet.getDefaultInstance();
    var attribute = KeyValue.newBuilder().setUnknownFields(place == 4 ? unknown : none);
    var span = new RandomOtlp(7).span().toBuilder().addAttributes(attribute);
    return ExportTraceServiceRequest.newBuilder()
        .setUnknownFields(place == 0 ? unknown : none)
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .setUnknownFields(place == 1 ? unknown : none)
                .addScopeSpans(
                    ScopeSpans.newBuilder()
                        .setUnknownFields(place == 2 ? unknown : none)
                        .addSpans(span.setUnknownFields(place == 3 ? unknown : none))))
        .build();
  }

  private static boolean scannerAccepts(byte[] bytes) {
    try {
      return OtlpScanner.scan(Signal.TRACES, bytes).items() >= 0;
    } catch (MalformedOtlpException e) {
      return false;
    }
  }

  /** Whatever protobuf accepts after damage the scanner accepts too, and it never breaks. */
  @Test
  void scanner_acceptsWhatProtobufAccepts_forDamagedRequests() {
    Random random = new Random(42);
    int accepted = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new RandomOtlp(round % 50).traces().toByteArray();
      if (bytes.length == 0) {
        continue;
      }
      byte[] damaged = Arrays.copyOf(bytes, bytes.length - random.nextInt(2));
      if (damaged.length > 0) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      boolean valid = protobufAccepts(damaged);
      try {
        assertThat(OtlpScanner.scan(Signal.TRACES, damaged).items()).isNotNegative();
        accepted++;
      } catch (MalformedOtlpException e) {
        assertThat(valid).as("round %d: %s", round, e.getMessage()).isFalse();
      }
    }
    assertThat(accepted).isPositive();
  }

  private static boolean protobufAccepts(byte[] bytes) {
    try {
      return ExportTraceServiceRequest.parseFrom(bytes).isInitialized();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  private static Span span(ByteString traceId, ByteString spanId) {
    return Span.newBuilder().setTraceId(traceId).setSpanId(spanId).build();
  }

  private static ExportTraceServiceRequest request(Span... spans) {
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(
            ResourceSpans.newBuilder()
                .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(Arrays.asList(spans))))
        .build();
  }
}
