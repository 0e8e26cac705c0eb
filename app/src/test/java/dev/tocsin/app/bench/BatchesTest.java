package dev.tocsin.app.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.otlp.wire.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchesTest {
  private static final int ITEMS = 512;
  private static final int SPANS_PER_TRACE = 8;
  private static final long NOW = 1_790_000_000_123_000_000L;

  private final RunIds ids = RunIds.of(42);

  @Test
  void traces_areOtlp_asLargeAsRealOnes() throws Exception {
    byte[] bytes = request(Signal.TRACES, Protocol.GRPC, 0);
    assertThat(bytes.length / ITEMS).isBetween(430, 460);
    List<Span> spans = spans(bytes);
    assertThat(spans).hasSize(ITEMS);
    assertThat(spans)
        .allSatisfy(
            span -> {
              assertThat(span.getAttributesCount()).isEqualTo(10);
              assertThat(span.getStartTimeUnixNano()).isLessThan(span.getEndTimeUnixNano());
              assertThat(span.getEndTimeUnixNano()).isBetween(NOW - 60_000_000_000L, NOW);
            });
    assertThat(spans.get(9).getParentSpanId()).isEqualTo(spans.get(8).getSpanId());
    assertThat(spans.get(9).getTraceId()).isEqualTo(spans.get(8).getTraceId());
  }

  @Test
  void ids_areDifferentInEveryRequest_andCanBeCounted() throws Exception {
    Set<ByteString> spanIds = new HashSet<>();
    Set<Long> traces = new HashSet<>();
    for (int sequence = 0; sequence < 20; sequence++) {
      for (Span span : spans(request(Signal.TRACES, Protocol.GRPC, sequence))) {
        spanIds.add(span.getSpanId());
        assertThat(span.getTraceId().asReadOnlyByteBuffer().getLong(8)).isEqualTo(ids.runHalf());
        traces.add(RunIds.traceNumber(span.getTraceId().asReadOnlyByteBuffer().getLong()));
      }
    }
    assertThat(spanIds).hasSize(20 * ITEMS);
    long count = 20L * ITEMS / SPANS_PER_TRACE;
    assertThat(traces).hasSize((int) count).allMatch(number -> number >= 0 && number < count);
  }

  @Test
  void ids_areTheSameForTheSameSeedOnly() {
    assertThat(RunIds.of(42)).isEqualTo(ids);
    assertThat(RunIds.of(43).runHalf()).isNotEqualTo(ids.runHalf());
  }

  @Test
  void metrics_haveAsManyPointsAsAsked_ofThreeKinds() throws Exception {
    byte[] bytes = request(Signal.METRICS, Protocol.GRPC, 3);
    List<Metric> metrics =
        ExportMetricsServiceRequest.parseFrom(bytes)
            .getResourceMetrics(0)
            .getScopeMetrics(0)
            .getMetricsList();
    assertThat(metrics.stream().mapToInt(BatchesTest::points).sum()).isEqualTo(ITEMS);
    assertThat(metrics.get(0).getGauge().getDataPoints(0).getTimeUnixNano()).isEqualTo(NOW);
    assertThat(metrics.get(1).getSum().getIsMonotonic()).isTrue();
    var histogram = metrics.get(3).getHistogram().getDataPoints(0);
    assertThat(histogram.getBucketCountsCount()).isEqualTo(histogram.getExplicitBoundsCount() + 1);
    assertThat(histogram.getCount())
        .isEqualTo(histogram.getBucketCountsList().stream().mapToLong(count -> count).sum());
  }

  @Test
  void logs_belongToTraces() throws Exception {
    List<LogRecord> records =
        ExportLogsServiceRequest.parseFrom(request(Signal.LOGS, Protocol.GRPC, 1))
            .getResourceLogs(0)
            .getScopeLogs(0)
            .getLogRecordsList();
    assertThat(records).hasSize(ITEMS);
    assertThat(records.get(0).getTraceId()).isEqualTo(records.get(7).getTraceId());
    assertThat(records.get(0).getBody().getStringValue()).contains("order=");
    assertThat(records.stream().map(LogRecord::getSpanId).distinct()).hasSize(ITEMS);
  }

  @Test
  void json_hasTheIdsAndTimesOfTheProtobuf() throws Exception {
    JsonObject json = new JsonObject(Buffer.buffer(request(Signal.TRACES, Protocol.HTTP_JSON, 5)));
    List<Span> spans = spans(request(Signal.TRACES, Protocol.GRPC, 5));
    var written =
        json.getJsonArray("resourceSpans")
            .getJsonObject(0)
            .getJsonArray("scopeSpans")
            .getJsonObject(0)
            .getJsonArray("spans");
    assertThat(written).hasSize(ITEMS);
    for (int i = 0; i < ITEMS; i++) {
      JsonObject span = written.getJsonObject(i);
      assertThat(span.getString("traceId")).isEqualTo(hex(spans.get(i).getTraceId()));
      assertThat(span.getString("spanId")).isEqualTo(hex(spans.get(i).getSpanId()));
      assertThat(span.getString("parentSpanId", "")).isEqualTo(hex(spans.get(i).getParentSpanId()));
      assertThat(span.getString("startTimeUnixNano"))
          .isEqualTo(Long.toString(spans.get(i).getStartTimeUnixNano()));
      assertThat(span.getInteger("kind")).isEqualTo(spans.get(i).getKindValue());
      assertThat(span.getJsonArray("attributes")).hasSize(10);
    }
  }

  private byte[] request(Signal signal, Protocol protocol, long sequence) {
    RequestTemplate batch = Batches.of(signal, protocol, ITEMS, SPANS_PER_TRACE);
    Buffer buffer = Buffer.buffer(batch.bytes());
    batch.fill(buffer, 0, ids, sequence, NOW);
    return buffer.getBytes();
  }

  static List<Span> spans(byte[] bytes) throws InvalidProtocolBufferException {
    return ExportTraceServiceRequest.parseFrom(bytes)
        .getResourceSpans(0)
        .getScopeSpans(0)
        .getSpansList();
  }

  private static int points(Metric metric) {
    return metric.getGauge().getDataPointsCount()
        + metric.getSum().getDataPointsCount()
        + metric.getHistogram().getDataPointsCount();
  }

  private static String hex(ByteString id) {
    return java.util.HexFormat.of().formatHex(id.toByteArray());
  }
}
