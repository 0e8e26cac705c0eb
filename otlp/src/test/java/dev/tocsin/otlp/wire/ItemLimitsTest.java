package dev.tocsin.otlp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Times that cannot be stored are told where they arrive, with what is likely behind them. */
class ItemLimitsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final ItemLimits LIMITS =
      ItemLimits.around(NOW, Duration.ofDays(7), Duration.ofHours(1));
  private static final long GOOD = nanos(NOW);

  @Test
  void times_areExcluded_exactlyOutsideOfTheWindow() {
    long day = Duration.ofDays(7).toNanos();
    assertThat(LIMITS.excludes(GOOD - day)).isFalse();
    assertThat(LIMITS.excludes(GOOD - day - 1)).isTrue();
    assertThat(LIMITS.excludes(GOOD + Duration.ofHours(1).toNanos() + 999_999)).isFalse();
    assertThat(LIMITS.excludes(GOOD + Duration.ofHours(1).toNanos() + 1_000_000)).isTrue();
    assertThat(LIMITS.excludes(0)).isTrue();
    assertThat(LIMITS.excludes(Long.MIN_VALUE)).isTrue();
    assertThat(LIMITS.excludes(-1)).isTrue();
    assertThat(ItemLimits.NONE.excludes(0)).isFalse();
    assertThat(ItemLimits.NONE.excludes(-1)).isFalse();
    assertThat(ItemLimits.NONE.excludes(Long.MIN_VALUE)).isFalse();
    assertThat(LIMITS.window()).isEqualTo("from 7 days ago to 60 minutes ahead");
  }

  @Test
  void spans_areRejectedByStartAndByEnd_andTheOthersKept() {
    OtlpRequest request =
        scan(
            Signal.TRACES,
            spans(
                span(GOOD, GOOD + 1),
                span(GOOD, 0),
                span(GOOD / 1_000_000, GOOD / 1_000_000 + 1),
                span(GOOD, Long.MIN_VALUE),
                span(GOOD - Duration.ofDays(8).toNanos(), GOOD),
                span(GOOD, GOOD + Duration.ofHours(2).toNanos())));
    assertThat(request.rejected())
        .isEqualTo(Map.of(Rejection.TIME_OUTSIDE, 2, Rejection.END_TIME_OUTSIDE, 2));
    FirstCase start = request.firstCases().get(Rejection.TIME_OUTSIDE);
    assertThat(start.expected()).isEqualTo("from 7 days ago to 60 minutes ahead");
    assertThat(start.cause()).startsWith("it looks like milliseconds");
    assertThat(start.example()).startsWith("1796040000000 = 1970-01-01T00:29:56.040Z, 207");
    assertThat(start.service()).isEqualTo("shop");
    FirstCase end = request.firstCases().get(Rejection.END_TIME_OUTSIDE);
    assertThat(end.cause()).startsWith("no plausible time");
    assertThat(end.example()).startsWith("9223372036854775808 = 2262-04-11T");
    OtlpSplit split = OtlpSplitter.split(request, 3, 1 << 20);
    assertThat(split.accepted()).isEqualTo(2);
    assertThat(split.rejectedItems()).isEqualTo(4);
    assertThat(split.firstCases()).isEqualTo(request.firstCases());
  }

  @Test
  void logRecords_areRejectedByTheirTime_orTheObservedOne_andKeptWithoutAny() {
    OtlpRequest request =
        scan(
            Signal.LOGS,
            logs(
                LogRecord.newBuilder().setTimeUnixNano(GOOD).setObservedTimeUnixNano(1).build(),
                LogRecord.getDefaultInstance(),
                LogRecord.newBuilder().setTimeUnixNano(1).setObservedTimeUnixNano(GOOD).build(),
                LogRecord.newBuilder().setObservedTimeUnixNano(GOOD / 1_000).build()));
    assertThat(request.rejected()).isEqualTo(Map.of(Rejection.TIME_OUTSIDE, 2));
    assertThat(request.firstCases().get(Rejection.TIME_OUTSIDE).cause())
        .startsWith("close to 1970");
    assertThat(OtlpSplitter.split(request, 2, 1 << 20).accepted()).isEqualTo(2);
  }

  @Test
  void points_areRejectedByTheirTime_ofEveryKind_andTheOthersOfTheMetricKept() {
    long old = GOOD - Duration.ofDays(8).toNanos();
    OtlpRequest request =
        scan(
            Signal.METRICS,
            metrics(
                Metric.newBuilder()
                    .setGauge(
                        Gauge.newBuilder()
                            .addDataPoints(NumberDataPoint.newBuilder().setTimeUnixNano(GOOD))
                            .addDataPoints(NumberDataPoint.newBuilder().setTimeUnixNano(old))
                            .addDataPoints(NumberDataPoint.getDefaultInstance())),
                Metric.newBuilder()
                    .setHistogram(
                        Histogram.newBuilder()
                            .setAggregationTemporality(
                                AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                            .addDataPoints(HistogramDataPoint.newBuilder().setTimeUnixNano(old))
                            .addDataPoints(HistogramDataPoint.newBuilder().setTimeUnixNano(GOOD))),
                Metric.newBuilder()
                    .setExponentialHistogram(
                        ExponentialHistogram.newBuilder()
                            .setAggregationTemporality(
                                AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                            .addDataPoints(
                                ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(old)))));
    assertThat(request.rejected())
        .isEqualTo(Map.of(Rejection.TIME_OUTSIDE, 3, Rejection.INVALID_TIME, 1));
    FirstCase first = request.firstCases().get(Rejection.TIME_OUTSIDE);
    assertThat(first.cause()).startsWith("older than what is kept");
    assertThat(first.example()).endsWith(", 8 days ago");
    OtlpSplit split = OtlpSplitter.split(request, 1, 1 << 20);
    assertThat(split.accepted()).isEqualTo(2);
    OtlpRequest kept = scan(Signal.METRICS, split.parts().get(0).value());
    assertThat(kept.items()).isEqualTo(2);
    assertThat(kept.rejected()).isEmpty();
  }

  @Test
  void causes_areToldByTheValue() {
    assertThat(cause(0)).isEqualTo("no time is set");
    assertThat(cause(NOW.getEpochSecond())).contains("looks like seconds");
    assertThat(cause(NOW.toEpochMilli())).contains("looks like milliseconds");
    assertThat(cause(GOOD / 1_000)).contains("looks like microseconds");
    assertThat(cause(1_544_712_660_000L)).contains("looks like milliseconds");
    assertThat(cause(Duration.ofHours(3).toNanos())).contains("close to 1970");
    assertThat(cause(1_544_712_660_000_000_000L)).contains("older than what is kept");
    assertThat(cause(GOOD + Duration.ofHours(2).toNanos())).contains("ahead of this clock");
    assertThat(TimeFault.example(GOOD + Duration.ofHours(2).toNanos(), LIMITS))
        .isEqualTo("1796047200000000000 = 2026-11-30T14:00:00Z, 2 hours ahead");
    assertThat(cause(-1)).contains("no plausible time");
    assertThat(TimeFault.example(-1, LIMITS)).startsWith("18446744073709551615 = 2554-07-21T");
  }

  /** Whatever the times are: what is kept lies within, and nothing is lost on the way. */
  @Test
  void anyRequest_isCutToWhatLiesWithin() {
    Random random = new Random(5);
    for (int round = 0; round < 300; round++) {
      Span[] spans = new Span[1 + random.nextInt(20)];
      int within = 0;
      for (int i = 0; i < spans.length; i++) {
        long start = GOOD + random.nextLong(-2, 2) * Duration.ofDays(5).toNanos();
        long end = random.nextInt(4) == 0 ? random.nextLong() : GOOD;
        spans[i] = span(start, end);
        within += !LIMITS.excludes(start) && (end == 0 || !LIMITS.excludes(end)) ? 1 : 0;
      }
      OtlpSplit split = OtlpSplitter.split(scan(Signal.TRACES, spans(spans)), 4, 1 << 20);
      assertThat(split.accepted()).isEqualTo(within);
      assertThat(split.rejectedItems()).isEqualTo(spans.length - within);
      split
          .parts()
          .forEach(part -> assertThat(scan(Signal.TRACES, part.value()).rejected()).isEmpty());
    }
  }

  private static String cause(long nanos) {
    return TimeFault.cause(nanos, LIMITS);
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000 + at.getNano();
  }

  private static OtlpRequest scan(Signal signal, Message request) {
    return scan(signal, request.toByteArray());
  }

  private static OtlpRequest scan(Signal signal, byte[] bytes) {
    return OtlpScanner.scan(signal, bytes, LIMITS);
  }

  private static Span span(long start, long end) {
    return Span.newBuilder()
        .setTraceId(
            ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}))
        .setSpanId(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}))
        .setStartTimeUnixNano(start)
        .setEndTimeUnixNano(end)
        .build();
  }

  private static Resource shop() {
    return Resource.newBuilder()
        .addAttributes(RandomOtlp.attribute("service.name", "shop"))
        .build();
  }

  private static Message spans(Span... spans) {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().setResource(shop()).addScopeSpansBuilder();
    for (Span span : spans) {
      scope.addSpans(span);
    }
    return request.build();
  }

  private static Message logs(LogRecord... records) {
    var request = ExportLogsServiceRequest.newBuilder();
    var scope = request.addResourceLogsBuilder().setResource(shop()).addScopeLogsBuilder();
    for (LogRecord each : records) {
      scope.addLogRecords(each);
    }
    return request.build();
  }

  private static Message metrics(Metric.Builder... metrics) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var scope = request.addResourceMetricsBuilder().setResource(shop()).addScopeMetricsBuilder();
    for (Metric.Builder each : metrics) {
      scope.addMetrics(each);
    }
    return request.build();
  }
}
