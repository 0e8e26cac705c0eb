package dev.tocsin.otlp.wire;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtlpSplitterTest {
  private static final int UNLIMITED = Integer.MAX_VALUE;

  /** An item with everything that must stay around it. */
  private record Placed(
      Message resource, String resourceUrl, Message scope, String url, Message item) {}

  @Test
  void splitter_keepsEverySpanOnceWithItsEnvelope_andEachTraceInOnePartition() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      var traces = new RandomOtlp(seed).traces();
      int partitions = 1 + seed % 7;
      OtlpSplit split = split(Signal.TRACES, traces, partitions, UNLIMITED);
      List<Placed> rejoined = new ArrayList<>();
      Map<ByteString, Integer> partitionOfTrace = new HashMap<>();
      for (OtlpPart part : split.parts()) {
        List<Placed> spans = spans(ExportTraceServiceRequest.parseFrom(part.value()));
        assertThat(spans).hasSize(part.items()).isNotEmpty();
        for (Placed span : spans) {
          Integer before =
              partitionOfTrace.putIfAbsent(((Span) span.item()).getTraceId(), part.partition());
          assertThat(before).isIn(null, part.partition());
        }
        rejoined.addAll(spans);
      }
      assertThat(rejoined).containsExactlyInAnyOrderElementsOf(spans(traces));
      assertThat(split.parts().stream().map(OtlpPart::partition)).doesNotHaveDuplicates();
      assertThat(split.accepted()).isEqualTo(rejoined.size());
      assertThat(split.rejected()).isEmpty();
    }
  }

  @Test
  void splitter_keepsEveryMetricAndLogOnce_andEachResourceInOnePartition() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      RandomOtlp otlp = new RandomOtlp(seed);
      var metrics = otlp.metrics();
      var logs = otlp.logs();
      List<Placed> rejoinedMetrics = new ArrayList<>();
      Map<Resource, Integer> partitionOfResource = new HashMap<>();
      for (OtlpPart part : split(Signal.METRICS, metrics, 5, UNLIMITED).parts()) {
        var parsed = ExportMetricsServiceRequest.parseFrom(part.value());
        parsed
            .getResourceMetricsList()
            .forEach(
                r ->
                    assertThat(partitionOfResource.putIfAbsent(r.getResource(), part.partition()))
                        .isIn(null, part.partition()));
        rejoinedMetrics.addAll(metrics(parsed));
      }
      List<Placed> rejoinedLogs = new ArrayList<>();
      for (OtlpPart part : split(Signal.LOGS, logs, 5, UNLIMITED).parts()) {
        rejoinedLogs.addAll(logs(ExportLogsServiceRequest.parseFrom(part.value())));
      }
      assertThat(rejoinedMetrics).containsExactlyInAnyOrderElementsOf(metrics(metrics));
      assertThat(rejoinedLogs).containsExactlyInAnyOrderElementsOf(logs(logs));
    }
  }

  @Test
  void splitter_usesBytesAsTheyAre_withOnePartition() {
    byte[] bytes = new RandomOtlp(4).traces().toByteArray();
    assertThat(bytes).isNotEmpty();
    OtlpRequest request = OtlpScanner.scan(Signal.TRACES, bytes);
    OtlpSplit split = OtlpSplitter.split(request, 1, UNLIMITED);
    assertThat(split.parts()).hasSize(1);
    assertThat(split.parts().get(0).value()).isSameAs(bytes);
    assertThat(split.parts().get(0).items()).isEqualTo(request.items());
  }

  @Test
  void splitter_neverCutsProfiles_forTheyShareADictionary() {
    for (int seed = 0; seed < 50; seed++) {
      byte[] bytes = new RandomOtlp(seed).profiles().toByteArray();
      OtlpRequest request = OtlpScanner.scan(Signal.PROFILES, bytes);
      OtlpSplit split = OtlpSplitter.split(request, 5, UNLIMITED);
      assertThat(split.parts()).hasSize(request.items() == 0 ? 0 : 1);
      split.parts().forEach(part -> assertThat(part.value()).isSameAs(bytes));
      assertThat(split.accepted()).isEqualTo(request.items());
      OtlpSplit tooLarge = OtlpSplitter.split(request, 5, bytes.length - 1);
      assertThat(tooLarge.parts()).isEmpty();
      assertThat(tooLarge.rejectedItems()).isEqualTo(request.items());
    }
  }

  @Test
  void splitter_makesNoRecord_ofRequestWithoutItems() {
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder()))
            .build();
    assertThat(split(Signal.TRACES, request, 4, UNLIMITED).parts()).isEmpty();
    assertThat(split(Signal.TRACES, request, 1, UNLIMITED).parts()).isEmpty();
  }

  @Test
  void splitter_cutsFurther_whenRecordWouldPassLimit() throws Exception {
    for (int seed = 0; seed < 100; seed++) {
      var traces = new RandomOtlp(seed).traces();
      OtlpSplit split = split(Signal.TRACES, traces, 1 + seed % 3, 600);
      List<Placed> rejoined = new ArrayList<>();
      for (OtlpPart part : split.parts()) {
        assertThat(part.value().length).isLessThanOrEqualTo(600);
        rejoined.addAll(spans(ExportTraceServiceRequest.parseFrom(part.value())));
      }
      assertThat(split.rejected()).isEmpty();
      assertThat(rejoined).containsExactlyInAnyOrderElementsOf(spans(traces));
    }
  }

  @Test
  void splitter_cutsFurther_whenRecordWouldTakeMoreMemory() throws Exception {
    for (int seed = 0; seed < 200; seed++) {
      RandomOtlp otlp = new RandomOtlp(seed);
      var traces = otlp.traces();
      var metrics = otlp.metrics();
      var logs = otlp.logs();
      int partitions = 1 + seed % 3;
      long limit = 8_000 + 500L * (seed % 20);
      List<Placed> spans = new ArrayList<>();
      for (byte[] value : cutByMemory(Signal.TRACES, traces, partitions, limit)) {
        spans.addAll(spans(ExportTraceServiceRequest.parseFrom(value)));
      }
      List<Placed> points = new ArrayList<>();
      for (byte[] value : cutByMemory(Signal.METRICS, metrics, partitions, limit)) {
        points.addAll(points(ExportMetricsServiceRequest.parseFrom(value)));
      }
      List<Placed> lines = new ArrayList<>();
      for (byte[] value : cutByMemory(Signal.LOGS, logs, partitions, limit)) {
        lines.addAll(logs(ExportLogsServiceRequest.parseFrom(value)));
      }
      assertThat(spans).containsExactlyInAnyOrderElementsOf(spans(traces));
      assertThat(points).containsExactlyInAnyOrderElementsOf(points(metrics));
      assertThat(lines).containsExactlyInAnyOrderElementsOf(logs(logs));
    }
  }

  private static List<byte[]> cutByMemory(
      Signal signal, Message request, int partitions, long limit) {
    OtlpRequest scanned = OtlpScanner.scan(signal, request.toByteArray());
    OtlpSplit split = OtlpSplitter.split(scanned, partitions, UNLIMITED, limit);
    assertThat(split.rejected()).isEmpty();
    List<byte[]> values = split.parts().stream().map(OtlpPart::value).toList();
    assertThat(values)
        .allSatisfy(
            value -> assertThat(OtlpScanner.scan(signal, value).memory()).isBetween(1L, limit));
    return values;
  }

  @Test
  void splitter_rejectsOnlyTheItem_thatTakesMoreMemoryThanARecordMay() throws Exception {
    Span small = new RandomOtlp(5).span();
    var large = small.toBuilder();
    for (int i = 0; i < 1_000_000; i++) {
      large.addAttributes(KeyValue.getDefaultInstance());
    }
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(
                        ScopeSpans.newBuilder().addSpans(small).addSpans(large).addSpans(small)))
            .build();
    OtlpSplit split = split(Signal.TRACES, request, 1, UNLIMITED);
    assertThat(split.rejected()).isEqualTo(Map.of(Rejection.ITEM_TOO_LARGE, 1));
    assertThat(spans(ExportTraceServiceRequest.parseFrom(split.parts().get(0).value())))
        .extracting(Placed::item)
        .containsExactly(small, small);
  }

  @Test
  void splitter_countsWhatConsumersMakeOfAPoint_seriesOfItsBucketsAndTheirLabels() {
    assertThat(splitHistogram(20_000, "v").accepted()).isOne();
    assertThat(splitHistogram(1_000_000, "v").rejected())
        .isEqualTo(Map.of(Rejection.ITEM_TOO_LARGE, 1));
    assertThat(splitHistogram(20_000, "v".repeat(10_000)).rejected())
        .isEqualTo(Map.of(Rejection.ITEM_TOO_LARGE, 1));
  }

  private static OtlpSplit splitHistogram(int bounds, String label) {
    var point =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(1)
            .addBucketCounts(1)
            .addAttributes(RandomOtlp.attribute("label", label));
    for (int i = 0; i < bounds; i++) {
      point.addBucketCounts(1).addExplicitBounds(i);
    }
    var metric = Metric.newBuilder().setName("latency");
    metric.getHistogramBuilder().setAggregationTemporalityValue(2).addDataPoints(point);
    return split(Signal.METRICS, metrics("shop", metric), 1, UNLIMITED);
  }

  @Test
  void splitter_countsTheNameOfTheService_asOftenAsSeriesRepeatIt() {
    var metric = Metric.newBuilder().setName("load");
    for (int i = 1; i <= 5_000; i++) {
      metric.getGaugeBuilder().addDataPointsBuilder().setTimeUnixNano(i);
    }
    assertThat(split(Signal.METRICS, metrics("shop", metric), 1, UNLIMITED).parts()).hasSize(1);
    OtlpSplit cut = split(Signal.METRICS, metrics("s".repeat(16_000), metric), 1, UNLIMITED);
    assertThat(cut.parts()).hasSizeBetween(2, 6);
    assertThat(cut.accepted()).isEqualTo(5_000);
  }

  private static ExportMetricsServiceRequest metrics(String service, Metric.Builder metric) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var resource = request.addResourceMetricsBuilder();
    resource.getResourceBuilder().addAttributes(RandomOtlp.attribute("service.name", service));
    resource.addScopeMetricsBuilder().addMetrics(metric);
    return request.build();
  }

  @Test
  void splitter_rejectsOnlyTheItem_thatFitsNoRecord() throws Exception {
    RandomOtlp otlp = new RandomOtlp(5);
    Span small = otlp.span();
    Span large = small.toBuilder().setName("n".repeat(2_000)).build();
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(
                        ScopeSpans.newBuilder().addSpans(small).addSpans(large).addSpans(small)))
            .build();
    OtlpSplit split = split(Signal.TRACES, request, 2, 1_000);
    assertThat(split.rejected()).isEqualTo(Map.of(Rejection.ITEM_TOO_LARGE, 1));
    assertThat(split.accepted()).isEqualTo(2);
    assertThat(split.parts()).hasSize(1);
    assertThat(spans(ExportTraceServiceRequest.parseFrom(split.parts().get(0).value())))
        .extracting(Placed::item)
        .containsExactly(small, small);
  }

  @Test
  void splitter_leavesOutSpansWithInvalidIds_alsoWithOnePartition() throws Exception {
    Span valid = new RandomOtlp(5).span();
    Span invalid = valid.toBuilder().clearSpanId().build();
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(ScopeSpans.newBuilder().addSpans(invalid).addSpans(valid)))
            .build();
    OtlpSplit split = split(Signal.TRACES, request, 1, UNLIMITED);
    assertThat(split.rejectedItems()).isEqualTo(1);
    assertThat(spans(ExportTraceServiceRequest.parseFrom(split.parts().get(0).value())))
        .extracting(Placed::item)
        .containsExactly(valid);
  }

  @Test
  void splitter_spreadsTraces_overAllPartitions() {
    var scope = ScopeSpans.newBuilder();
    for (int i = 1; i <= 4_000; i++) {
      // Only the first half differs: time-prefixed ids must spread as well.
      byte[] trace = new byte[16];
      trace[6] = (byte) (i >> 8);
      trace[7] = (byte) i;
      scope.addSpans(
          new RandomOtlp(1).span().toBuilder().setTraceId(ByteString.copyFrom(trace)).build());
    }
    var request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(scope))
            .build();
    Map<Integer, Integer> load =
        split(Signal.TRACES, request, 8, UNLIMITED).parts().stream()
            .collect(toMap(OtlpPart::partition, OtlpPart::items));
    assertThat(load).hasSize(8);
    assertThat(load.values()).allMatch(items -> items > 350 && items < 650);
  }

  @Test
  void hash_staysAsItIs_forItDecidesPartitionsOfExistingTopics() {
    assertThat(OtlpHash.ofTrace(1, 2)).isEqualTo(-506827221854816315L);
    assertThat(OtlpHash.ofBytes(new byte[] {1, 2, 3}, 0, 3)).isEqualTo(-173485098666215591L);
  }

  private static OtlpSplit split(Signal signal, Message request, int partitions, int limit) {
    return OtlpSplitter.split(OtlpScanner.scan(signal, request.toByteArray()), partitions, limit);
  }

  private static List<Placed> spans(ExportTraceServiceRequest request) {
    List<Placed> all = new ArrayList<>();
    for (var r : request.getResourceSpansList()) {
      for (var s : r.getScopeSpansList()) {
        for (var item : s.getSpansList()) {
          all.add(
              new Placed(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), item));
        }
      }
    }
    return all;
  }

  private static List<Placed> metrics(ExportMetricsServiceRequest request) {
    List<Placed> all = new ArrayList<>();
    for (var r : request.getResourceMetricsList()) {
      for (var s : r.getScopeMetricsList()) {
        for (var item : s.getMetricsList()) {
          all.add(
              new Placed(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), item));
        }
      }
    }
    return all;
  }

  /** The points of metrics, which may be cut; with the metric's name in place of a schema URL. */
  private static List<Placed> points(ExportMetricsServiceRequest request) {
    List<Placed> all = new ArrayList<>();
    for (Placed metric : metrics(request)) {
      Metric whole = (Metric) metric.item();
      List<Message> points = new ArrayList<>(whole.getGauge().getDataPointsList());
      points.addAll(whole.getHistogram().getDataPointsList());
      points.forEach(
          point ->
              all.add(new Placed(metric.resource(), "", metric.scope(), whole.getName(), point)));
    }
    return all;
  }

  private static List<Placed> logs(ExportLogsServiceRequest request) {
    List<Placed> all = new ArrayList<>();
    for (var r : request.getResourceLogsList()) {
      for (var s : r.getScopeLogsList()) {
        for (var item : s.getLogRecordsList()) {
          all.add(
              new Placed(r.getResource(), r.getSchemaUrl(), s.getScope(), s.getSchemaUrl(), item));
        }
      }
    }
    return all;
  }

  @Test
  void largeResource_standsInEachRecordOnce_howeverManyScopesItHas() {
    ResourceSpans.Builder resource =
        ResourceSpans.newBuilder()
            .setResource(
                Resource.newBuilder()
                    .addAttributes(
                        KeyValue.newBuilder()
                            .setKey("filler")
                            .setValue(AnyValue.newBuilder().setStringValue("x".repeat(400_000)))));
    for (int i = 0; i < 200; i++) {
      ByteString id = ByteString.copyFrom(ByteBuffer.allocate(16).putLong(i + 1).putLong(i).flip());
      resource.addScopeSpans(
          ScopeSpans.newBuilder()
              .setScope(InstrumentationScope.newBuilder().setName("scope " + i))
              .addSpans(Span.newBuilder().setTraceId(id).setSpanId(id.substring(0, 8))));
    }
    byte[] body =
        ExportTraceServiceRequest.newBuilder().addResourceSpans(resource).build().toByteArray();

    OtlpSplit split = OtlpSplitter.split(OtlpScanner.scan(Signal.TRACES, body), 4, 1_000_000);

    assertThat(split.rejected()).isEmpty();
    assertThat(split.parts()).hasSize(4);
    assertThat(split.parts().stream().mapToInt(OtlpPart::items).sum()).isEqualTo(200);
    assertThat(split.parts()).allSatisfy(part -> assertThat(part.value()).hasSizeLessThan(500_000));
  }
}
