package dev.tocsin.alert.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.contract.Topic;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.wire.RecentItems;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayOutputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class DeriveTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final long BYTES_MAX = 1 << 20;

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Span span(String name, long millis, Status.StatusCode status) {
    return Span.newBuilder()
        .setName(name)
        .setKind(Span.SpanKind.SPAN_KIND_SERVER)
        .setStartTimeUnixNano(NOW * 1_000_000)
        .setEndTimeUnixNano((NOW + millis) * 1_000_000)
        .setStatus(Status.newBuilder().setMessage("m").setCode(status))
        .addAttributes(attribute("http.route", "/x"))
        .build();
  }

  private static ResourceSpans shop(Span... spans) {
    return ResourceSpans.newBuilder()
        .setResource(
            Resource.newBuilder()
                .addAttributes(attribute("service.name", "shop"))
                .addAttributes(attribute("service.namespace", "eu"))
                .addAttributes(attribute("service.instance.id", "i-1")))
        .addScopeSpans(ScopeSpans.newBuilder().addAllSpans(List.of(spans)))
        .build();
  }

  private static byte[] request(ResourceSpans... resources) {
    return ExportTraceServiceRequest.newBuilder()
        .addAllResourceSpans(List.of(resources))
        .build()
        .toByteArray();
  }

  /** Keeps what it is told. */
  private static final class Facts implements OtlpFacts.Sink {
    private final List<ResourceIdentity> resources = new ArrayList<>();
    private final List<SpanFact> spans = new ArrayList<>();

    @Override
    public void resource(ResourceIdentity resource) {
      resources.add(resource);
    }

    @Override
    public void span(SpanFact span) {
      spans.add(span);
    }
  }

  private static Facts traces(byte[] request) throws InvalidProtocolBufferException {
    Facts facts = new Facts();
    OtlpFacts.ofTraces(request, facts);
    return facts;
  }

  private static Map<String, Double> series(byte[] request) throws InvalidProtocolBufferException {
    Map<String, Double> series = new HashMap<>();
    PrometheusSeries.read(
        ExportMetricsServiceRequest.parseFrom(request),
        (labels, kind, timeMs, startMs, value) -> series.put(labels.toString(), value));
    return series;
  }

  @Test
  void facts_areTheResourceAndItsSpans() throws Exception {
    Facts facts = traces(request(shop(span("GET /x", 20, Status.StatusCode.STATUS_CODE_ERROR))));
    assertThat(facts.resources)
        .containsExactly(new ResourceIdentity("shop", "eu/shop", "i-1", true));
    assertThat(facts.spans).containsExactly(new SpanFact("shop", "GET /x", 2, 2, 0.02));
  }

  @Test
  void resourceThatSaysSo_isMissedByNobody_andCountsLikeAnyOther() throws Exception {
    for (AnyValue no :
        List.of(
            AnyValue.newBuilder().setBoolValue(false).build(),
            AnyValue.newBuilder().setStringValue("False").build())) {
      RecordFacts facts = facts(heartbeat(no));
      assertThat(facts.beats()).isEmpty();
      assertThat(facts.red().calls()).isEqualTo(1);
    }
    for (AnyValue yes :
        List.of(
            AnyValue.newBuilder().setBoolValue(true).build(),
            AnyValue.newBuilder().setStringValue("no").build(),
            AnyValue.newBuilder().setIntValue(0).build(),
            AnyValue.getDefaultInstance())) {
      assertThat(facts(heartbeat(yes)).beats()).as(yes.toString()).hasSize(1);
    }
  }

  private static ResourceSpans heartbeat(AnyValue value) {
    ResourceSpans.Builder shop =
        shop(span("GET /x", 20, Status.StatusCode.STATUS_CODE_OK)).toBuilder();
    shop.getResourceBuilder()
        .addAttributes(KeyValue.newBuilder().setKey("tocsin.heartbeat").setValue(value));
    return shop.build();
  }

  private static RecordFacts facts(ResourceSpans resource) throws Exception {
    return RecordFacts.of(
        new ConsumerRecord<>(Topic.SPANS.name(), 0, 0, null, request(resource)),
        10,
        RecentItems.ofProcess(InstantSource.system()));
  }

  private static long calls(RecentItems known, byte[] request) throws Exception {
    return RecordFacts.of(new ConsumerRecord<>(Topic.SPANS.name(), 0, 0, null, request), 10, known)
        .red()
        .calls();
  }

  @Test
  void span_countsOnce_whenItsRequestIsRepeated() throws Exception {
    RecentItems known = RecentItems.ofProcess(InstantSource.system());
    Span one = span("GET /x", 20, Status.StatusCode.STATUS_CODE_ERROR);
    Span other = span("GET /y", 20, Status.StatusCode.STATUS_CODE_OK);
    assertThat(calls(known, request(shop(one, other)))).isEqualTo(2);
    assertThat(calls(known, request(shop(one, other)))).isZero();
    assertThat(calls(known, request(shop(other), shop(other, one)))).isZero();
    // As a Kafka record of other spans may bring it.
    Span third = span("GET /z", 20, Status.StatusCode.STATUS_CODE_OK);
    assertThat(calls(known, request(shop(one, third)))).isEqualTo(1);
  }

  @Test
  void span_isAnother_whenScopeOrResourceDiffer() throws Exception {
    RecentItems known = RecentItems.ofProcess(InstantSource.system());
    Span one = span("GET /x", 20, Status.StatusCode.STATUS_CODE_ERROR);
    ResourceSpans shop = shop(one);
    ResourceSpans.Builder scoped = shop.toBuilder();
    scoped.getScopeSpansBuilder(0).getScopeBuilder().setName("http");
    ResourceSpans.Builder elsewhere = shop.toBuilder();
    elsewhere.getResourceBuilder().addAttributes(attribute("host.name", "b"));
    for (ResourceSpans each : List.of(shop, scoped.build(), elsewhere.build())) {
      assertThat(calls(known, request(each))).isEqualTo(1);
      assertThat(calls(known, request(each))).isZero();
    }
  }

  @Test
  void facts_knowTheResource_whenItStandsAfterTheSpans() throws Exception {
    byte[] resource =
        ResourceSpans.newBuilder().setResource(shop().getResource()).build().toByteArray();
    byte[] spans =
        ResourceSpans.newBuilder()
            .addScopeSpans(
                ScopeSpans.newBuilder().addSpans(span("a", 1, Status.StatusCode.STATUS_CODE_OK)))
            .build()
            .toByteArray();
    ByteString entry = ByteString.copyFrom(spans).concat(ByteString.copyFrom(resource));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER, entry);
    out.flush();
    byte[] whole = bytes.toByteArray();
    assertThat(traces(whole).spans).extracting(SpanFact::service).containsExactly("shop");
  }

  @Test
  void facts_areRefused_whenTheRequestIsCutOff() {
    byte[] request = request(shop(span("a", 1, Status.StatusCode.STATUS_CODE_OK)));
    byte[] cut = Arrays.copyOf(request, request.length - 3);
    assertThatThrownBy(() -> traces(cut)).isInstanceOf(InvalidProtocolBufferException.class);
  }

  @Test
  void service_isUnknown_whenTheResourceHasNoName() throws Exception {
    Facts facts = new Facts();
    OtlpFacts.ofResources(request(ResourceSpans.getDefaultInstance()), facts);
    assertThat(facts.resources)
        .containsExactly(new ResourceIdentity("unknown_service", "unknown_service", "", true));
  }

  @Test
  void negativeDuration_countsAsZero() throws Exception {
    Facts facts = traces(request(shop(span("a", -5, Status.StatusCode.STATUS_CODE_OK))));
    assertThat(facts.spans.get(0).seconds()).isZero();
  }

  @Test
  void deltas_haveTheNamesAndLabelsOfSpanMetrics() throws Exception {
    RedBatch batch = new RedBatch(BYTES_MAX);
    batch.add(new SpanFact("shop", "GET /x", 2, 2, 0.02));
    batch.add(new SpanFact("shop", "GET /x", 2, 2, 3));
    DerivedRequests requests = new DerivedRequests(1, NOW - 200, NOW);
    requests.add(batch);
    String labels =
        ", service_name=shop, span_kind=SPAN_KIND_SERVER, span_name=GET /x,"
            + " status_code=STATUS_CODE_ERROR}";
    String bucketLabels = ", service_name=shop, span_kind=SPAN_KIND_SERVER, span_name=GET /x";
    assertThat(series(requests.encode().get(0).get(0)))
        .contains(
            entry("{__name__=traces_span_metrics_calls_total" + labels, 2.0),
            entry("{__name__=traces_span_metrics_duration_seconds_count" + labels, 2.0),
            entry("{__name__=traces_span_metrics_duration_seconds_sum" + labels, 3.02))
        .anySatisfy(
            (name, value) -> {
              assertThat(name)
                  .startsWith("{__name__=traces_span_metrics_duration_seconds_bucket, le=0.025")
                  .contains(bucketLabels);
              assertThat(value).isEqualTo(1);
            });
  }

  @Test
  void requestsOfAService_areOneSeries_howeverItsSpansAreCalled() throws Exception {
    RedBatch batch = new RedBatch(BYTES_MAX);
    for (int i = 0; i < 300; i++) {
      batch.add(
          new SpanFact("shop", "GET /item/" + i, Span.SpanKind.SPAN_KIND_SERVER_VALUE, 2, 0.5));
      batch.add(new SpanFact("shop", "take " + i, Span.SpanKind.SPAN_KIND_CONSUMER_VALUE, 0, 0.5));
      batch.add(new SpanFact("shop", "SELECT " + i, Span.SpanKind.SPAN_KIND_CLIENT_VALUE, 2, 0.5));
    }
    DerivedRequests requests = new DerivedRequests(1, NOW - 200, NOW);
    requests.add(batch);
    Map<String, Double> calls = new HashMap<>();
    Map<String, Double> counts = new HashMap<>();
    for (byte[] value : requests.encode().get(0)) {
      series(value)
          .forEach(
              (name, sum) -> {
                if (name.startsWith("{__name__=traces_service_metrics_calls_total")) {
                  calls.put(name, sum);
                } else if (name.startsWith(
                    "{__name__=traces_service_metrics_duration_seconds_count")) {
                  counts.put(name, sum);
                }
              });
    }
    String served = ", service_name=shop, span_kind=SPAN_KIND_%s, status_code=STATUS_CODE_%s}";
    String callsTotal = "{__name__=traces_service_metrics_calls_total";
    assertThat(calls)
        .containsOnly(
            entry(callsTotal + served.formatted("SERVER", "ERROR"), 300.0),
            entry(callsTotal + served.formatted("CONSUMER", "UNSET"), 300.0));
    assertThat(counts).hasSize(2).allSatisfy((name, sum) -> assertThat(sum).isEqualTo(300));
  }

  @Test
  void duration_belongsToTheBucketWhoseBoundItEquals() {
    RedBatch batch = new RedBatch(BYTES_MAX);
    batch.add(new SpanFact("s", "n", 2, 0, 0.005));
    batch.add(new SpanFact("s", "n", 2, 0, 11));
    batch.forEach(
        (key, counts) -> {
          assertThat(counts.buckets()[0]).isEqualTo(1);
          assertThat(counts.buckets()[RedBatch.BOUNDS.length]).isEqualTo(1);
          assertThat(counts.calls()).isEqualTo(2);
        });
    assertThat(batch.isEmpty()).isFalse();
  }

  @Test
  void series_isAlwaysInTheSamePartition() throws Exception {
    Map<String, Integer> seen = new HashMap<>();
    for (int round = 0; round < 3; round++) {
      RedBatch batch = new RedBatch(BYTES_MAX);
      for (int i = 0; i < 20; i++) {
        batch.add(new SpanFact("s" + i, "n", 2, 0, 1));
      }
      DerivedRequests requests = new DerivedRequests(4, NOW, NOW + round);
      requests.add(batch);
      for (Map.Entry<Integer, List<byte[]>> request : requests.encode().entrySet()) {
        assertThat(request.getValue()).hasSize(1);
        for (String series : series(request.getValue().get(0)).keySet()) {
          assertThat(seen.merge(series, request.getKey(), (a, b) -> a)).isEqualTo(request.getKey());
        }
      }
    }
    assertThat(seen.values()).contains(0, 1, 2, 3);
  }

  @Test
  void heartbeat_carriesJobAndInstance() throws Exception {
    DerivedRequests requests = new DerivedRequests(1, NOW - 200, NOW);
    requests.add(new Heartbeats.Beat("eu/shop", "i-1"));
    requests.addOwnHeartbeat("w-0");
    assertThat(series(requests.encode().get(0).get(0)))
        .containsOnly(
            entry("{__name__=tocsin_heartbeat_total, instance=i-1, job=eu/shop}", 1.0),
            entry("{__name__=tocsin_derive_heartbeat_total, worker=w-0}", 1.0));
  }

  @Test
  void heartbeats_areThinnedToOneAnInterval() {
    Heartbeats heartbeats = new Heartbeats(5_000, 10);
    Set<Heartbeats.Beat> shop = Set.of(new Heartbeats.Beat("shop", "i"));
    assertThat(sent(heartbeats, shop, NOW)).hasSize(1);
    assertThat(sent(heartbeats, shop, NOW + 4_999)).isEmpty();
    assertThat(sent(heartbeats, shop, NOW + 5_000)).hasSize(1);
  }

  @Test
  void heartbeat_isDueAgain_whenItCouldNotBeSent() {
    Heartbeats heartbeats = new Heartbeats(5_000, 10);
    Set<Heartbeats.Beat> shop = Set.of(new Heartbeats.Beat("shop", "i"));
    assertThat(heartbeats.due(shop, NOW)).hasSize(1);
    assertThat(heartbeats.due(shop, NOW + 100)).hasSize(1);
  }

  @Test
  void heartbeats_goOn_whenTheClockIsSetBack() {
    Heartbeats heartbeats = new Heartbeats(5_000, 10);
    Set<Heartbeats.Beat> shop = Set.of(new Heartbeats.Beat("shop", "i"));
    sent(heartbeats, shop, NOW);
    long back = NOW - 3_600_000;
    assertThat(sent(heartbeats, shop, back)).hasSize(1);
    assertThat(sent(heartbeats, shop, back + 1_000)).isEmpty();
    assertThat(sent(heartbeats, shop, back + 5_000)).hasSize(1);
  }

  @Test
  void heartbeatsBeyondTheLimit_areDroppedAndCounted() {
    Heartbeats heartbeats = new Heartbeats(5_000, 1);
    Set<Heartbeats.Beat> both =
        new LinkedHashSet<>(List.of(new Heartbeats.Beat("a", ""), new Heartbeats.Beat("b", "")));
    assertThat(sent(heartbeats, both, NOW)).extracting(Heartbeats.Beat::job).containsExactly("a");
    assertThat(heartbeats.dropped()).isEqualTo(1);
  }

  @Test
  void knownInstances_keepTheirHeartbeats_whenAFloodOfNewOnesComes() {
    Heartbeats heartbeats = new Heartbeats(5_000, 10);
    Set<Heartbeats.Beat> shop = Set.of(new Heartbeats.Beat("shop", "i"));
    sent(heartbeats, shop, NOW);
    for (int second = 6; second < 60; second += 6) {
      Set<Heartbeats.Beat> flood = new LinkedHashSet<>();
      for (int i = 0; i < 100; i++) {
        flood.add(new Heartbeats.Beat("flood", second + "-" + i));
      }
      sent(heartbeats, flood, NOW + second * 1_000L);
      assertThat(sent(heartbeats, shop, NOW + second * 1_000L)).hasSize(1);
    }
  }

  @Test
  void instancesSilentForLong_giveWay() {
    Heartbeats heartbeats = new Heartbeats(5_000, 1);
    sent(heartbeats, Set.of(new Heartbeats.Beat("a", "")), NOW);
    Set<Heartbeats.Beat> other = Set.of(new Heartbeats.Beat("b", ""));
    assertThat(sent(heartbeats, other, NOW + 300_000)).isEmpty();
    assertThat(sent(heartbeats, other, NOW + 300_001)).hasSize(1);
  }

  private static List<Heartbeats.Beat> sent(
      Heartbeats heartbeats, Set<Heartbeats.Beat> seen, long nowMs) {
    List<Heartbeats.Beat> due = heartbeats.due(seen, nowMs);
    heartbeats.sent(due, nowMs);
    return due;
  }

  @Test
  void spanNamesBeyondTheLimit_countTogether() {
    SpanNameLimit limit = new SpanNameLimit(2, 2, BYTES_MAX);
    assertThat(limit.admit(key("s", "a"), 1, NOW).name()).isEqualTo("a");
    assertThat(limit.admit(key("s", "b"), 1, NOW).name()).isEqualTo("b");
    assertThat(limit.admit(key("s", "c"), 7, NOW).name()).isEqualTo(SpanNameLimit.OVERFLOW);
    assertThat(limit.admit(key("s", "a"), 1, NOW).name()).isEqualTo("a");
    assertThat(limit.overflows()).isEqualTo(7);
  }

  @Test
  void servicesBeyondTheLimit_countTogether() {
    SpanNameLimit limit = new SpanNameLimit(1, 2, BYTES_MAX);
    limit.admit(key("s", "a"), 1, NOW);
    assertThat(limit.admit(key("t", "a"), 1, NOW).service()).isEqualTo(SpanNameLimit.OVERFLOW);
  }

  @Test
  void spanNamesUnseenForAnHour_giveWay() {
    SpanNameLimit limit = new SpanNameLimit(2, 1, BYTES_MAX);
    limit.admit(key("s", "a"), 1, NOW);
    limit.sweep(NOW + 3_600_001);
    assertThat(limit.admit(key("s", "b"), 1, NOW + 3_600_001).name()).isEqualTo("b");
  }

  @Test
  void spanNames_giveWay_whenTheClockWasSetBack() {
    SpanNameLimit limit = new SpanNameLimit(2, 1, BYTES_MAX);
    limit.admit(key("s", "a"), 1, NOW);
    limit.sweep(NOW);
    long back = NOW - 86_400_000;
    limit.sweep(back);
    limit.sweep(back + 3_600_001);
    assertThat(limit.admit(key("s", "b"), 1, back + 3_600_001).name()).isEqualTo("b");
  }

  @Test
  void spanNames_takeNoMoreMemoryThanTheyMay_andFreeIt() {
    SpanNameLimit limit = new SpanNameLimit(10, 1_000_000, 100_000);
    String long200 = "x".repeat(200);
    int admitted = 0;
    for (int i = 0; i < 300; i++) {
      admitted += limit.admit(key("s", long200 + i), 1, NOW).name().startsWith("x") ? 1 : 0;
    }
    assertThat(admitted).isBetween(150, 250);
    RedBatch.Key other = key("t".repeat(256), "a");
    assertThat(limit.admit(other, 1, NOW).service()).isEqualTo(SpanNameLimit.OVERFLOW);
    limit.sweep(NOW + 3_600_001);
    assertThat(limit.admit(other, 1, NOW)).isEqualTo(other);
  }

  private static RedBatch.Key key(String service, String name) {
    return new RedBatch.Key(service, name, 2, 0);
  }
}
