package dev.tocsin.segment.summary;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SpanSummarizerTest {
  private static final int SERVER = 2;
  private static final int CLIENT = 3;
  private static final int PRODUCER = 4;
  private static final int CONSUMER = 5;
  private static final int ERROR = 2;
  private static final long START = TimeUnit.HOURS.toNanos(490_000);
  private static final long MS = 1_000_000;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
  private static final ByteString NO_PARENT = ByteString.EMPTY;

  private Instant now = Instant.ofEpochSecond(1_764_000_000);
  private final InstantSource clock = () -> now;
  private final SpanSummarizer summarizer = new SpanSummarizer(clock);
  private final List<SpanItem> spans = new ArrayList<>();
  private long offset;

  private static ByteString trace(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(id).putLong(id).flip());
  }

  private static ByteString span(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(id).flip());
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Span.Builder span(
      long traceId, long id, ByteString parent, String name, int kind, long start, long end) {
    return Span.newBuilder()
        .setTraceId(trace(traceId))
        .setSpanId(span(id))
        .setParentSpanId(parent)
        .setName(name)
        .setKindValue(kind)
        .setStartTimeUnixNano(start)
        .setEndTimeUnixNano(end);
  }

  private static Span.Builder failed(Span.Builder span, int status) {
    return span.setStatus(Status.newBuilder().setCodeValue(status));
  }

  private static Span.Event exception(String type, String message, String stack) {
    return Span.Event.newBuilder()
        .setName("exception")
        .addAttributes(attribute("exception.type", type))
        .addAttributes(attribute("exception.message", message))
        .addAttributes(attribute("exception.stacktrace", stack))
        .build();
  }

  private void add(String service, Span.Builder span) {
    Origin origin = new Origin(ByteString.EMPTY, ByteString.EMPTY, service);
    spans.add(new SpanItem(origin, span.build()));
  }

  private static Span.Builder client(long id, long nanos) {
    return span(1, id, span(9), "GET", CLIENT, START, START + nanos);
  }

  private static Span.Builder server(long parent, int status, long nanos) {
    return failed(span(1, 77, span(parent), "GET /", SERVER, START, START + nanos), status);
  }

  /** Encodes what was added, a segment an hour, and returns what it changes. */
  private SpanSummary flush() {
    spans.stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                item -> item.span().getStartTimeUnixNano() / TimeUnit.HOURS.toNanos(1),
                java.util.TreeMap::new,
                java.util.stream.Collectors.toList()))
        .values()
        .forEach(hour -> assertThat(SpanSegments.encode(hour, summarizer).count()).isPositive());
    spans.clear();
    return summarizer.drain(offset++);
  }

  private static List<EdgeRow> edges(SpanSummary summary) {
    return summary.edges().stream().flatMap(block -> block.rows().stream()).toList();
  }

  /** What a reader makes of blocks: of one id the last, then calls by the rest of the key. */
  private record Counted(long minute, long operation, int status, int bucket) {}

  private static Map<Counted, Integer> counted(List<RedBlock> blocks) {
    Map<List<Long>, RedBlock> stored = new HashMap<>();
    blocks.forEach(block -> stored.put(List.of(block.minute(), block.id()), block));
    Map<Counted, Integer> calls = new HashMap<>();
    for (RedBlock block : stored.values()) {
      for (int i = 0; i < block.calls().length; i++) {
        calls.merge(
            new Counted(
                block.minute(), block.operations()[i], block.statuses()[i], block.buckets()[i]),
            block.calls()[i],
            Integer::sum);
      }
    }
    return calls;
  }

  @Test
  void durations_ofSpansThatEndInNoYear_areNoneOrStopAtTheEndOfLong() {
    for (long end : new long[] {0, Long.MIN_VALUE, -1, Long.MAX_VALUE, Long.MAX_VALUE}) {
      add("cart", span(1, 5, NO_PARENT, "GET", SERVER, START, end));
      add("cart", span(1, 6, NO_PARENT, "GET", CLIENT, START, end));
      add("shop", span(1, 7, span(6), "GET", SERVER, START, end));
    }
    SpanSummary summary = flush();
    List<Long> sums =
        summary.red().stream().flatMap(block -> Arrays.stream(block.sumNanos())).toList();
    assertThat(sums).contains(0L, Long.MAX_VALUE).allMatch(sum -> sum >= 0);
    assertThat(edges(summary)).isNotEmpty().allMatch(edge -> edge.clientNanos() >= 0);
  }

  @Test
  void red_countsEverySpanOnce_overFlushesAndLateMinutes() {
    Random random = new Random(7);
    Map<Counted, Integer> expected = new HashMap<>();
    List<RedBlock> stored = new ArrayList<>();
    long nanos = 0;
    for (int flush = 0; flush < 12; flush++) {
      for (int i = 0; i < 200; i++) {
        long duration = random.nextInt(2_000) * MS;
        // Minutes go on from flush to flush; every tenth span is late by up to 20 of them.
        long late = random.nextInt(10) == 0 ? random.nextInt(20) : 0;
        long start = START + (flush / 2 + random.nextInt(2) - late) * MINUTE + random.nextInt(999);
        String service = "service-" + random.nextInt(3);
        int status = random.nextInt(3);
        add(
            service,
            failed(
                span(i, random.nextLong(), NO_PARENT, "op", SERVER, start, start + duration),
                status));
        nanos += duration;
        long id = OperationId.of(new EncodedSpans.Operation(service, "op", SERVER));
        int bucket = LatencyBuckets.place(duration) + 1;
        expected.merge(
            new Counted(Math.floorDiv(start, MINUTE), id, status, bucket), 1, Integer::sum);
      }
      stored.addAll(flush().red());
    }
    assertThat(counted(stored)).isEqualTo(expected);
    Map<List<Long>, RedBlock> last = new HashMap<>();
    stored.forEach(block -> last.put(List.of(block.minute(), block.id()), block));
    assertThat(
            last.values().stream()
                .flatMap(block -> Arrays.stream(block.sumNanos()))
                .mapToLong(n -> n)
                .sum())
        .isEqualTo(nanos);
    assertThat(flush().red()).isEmpty();
  }

  @Test
  void red_countsSpansUnderOtherOperations_onceNamesHaveFilledTheirMemory() {
    int services = 60;
    int names = 300;
    for (int service = 0; service < services; service++) {
      for (int name = 0; name < names; name++) {
        String text = name + "/" + service + "x".repeat(CatalogueText.CHARACTERS_MAX);
        add("service-" + service, span(1, 1, NO_PARENT, text, SERVER, START, START + MS));
      }
    }
    SpanSummary summary = flush();
    assertThat(counted(summary.red()).values().stream().mapToInt(calls -> calls).sum())
        .isEqualTo(services * names);
    assertThat(summary.operations())
        .hasSizeLessThan(RedTable.NAMES_BYTES_MAX / CatalogueText.CHARACTERS_MAX)
        .anyMatch(operation -> operation.name().equals(RedTable.OTHER));
  }

  @Test
  void minute_isStoredAsAWhole_whileItGoesOn() {
    add("web", span(1, 1, NO_PARENT, "a", SERVER, START, START + MS));
    RedBlock first = flush().red().get(0);
    add("web", span(1, 2, NO_PARENT, "a", SERVER, START, START + MS));
    RedBlock second = flush().red().get(0);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.calls()).containsExactly(2);
    add("web", span(1, 3, NO_PARENT, "a", SERVER, START + 9 * MINUTE, START + 9 * MINUTE));
    assertThat(flush().red()).extracting(RedBlock::minute).containsExactly(first.minute() + 9);
    add("web", span(1, 4, NO_PARENT, "a", SERVER, START, START + MS));
    RedBlock late = flush().red().get(0);
    assertThat(late.id()).isNotEqualTo(first.id());
    assertThat(late.calls()).containsExactly(1);
  }

  @Test
  void latencies_fallIntoTheirBucket() {
    assertThat(LatencyBuckets.place(0)).isZero();
    assertThat(LatencyBuckets.place(MS)).isZero();
    assertThat(LatencyBuckets.place(MS + 1)).isEqualTo(1);
    assertThat(LatencyBuckets.place(60_000 * MS)).isEqualTo(14);
    assertThat(LatencyBuckets.place(Long.MAX_VALUE)).isEqualTo(LatencyBuckets.COUNT - 1);
  }

  @Test
  void operations_areBounded_whenNamesAreMadeUp() {
    for (int i = 0; i < 3 * RedTable.NAMES_MAX; i++) {
      add("s", span(i, i, NO_PARENT, "GET /" + i, SERVER, START, START));
    }
    SpanSummary summary = flush();
    assertThat(summary.operations()).hasSize(RedTable.NAMES_MAX + 1);
    long other = OperationId.of(new EncodedSpans.Operation("s", RedTable.OTHER, SERVER));
    RedBlock block = summary.red().get(0);
    assertThat(block.calls()[Arrays.asList(block.operations()).indexOf(other)])
        .isEqualTo(2 * RedTable.NAMES_MAX);
  }

  @Test
  void trace_isSummedUp_withItsRootAndServices() {
    add("web", span(5, 1, NO_PARENT, "GET /", SERVER, START + MS, START + 7 * MS));
    add("db", failed(span(5, 3, span(2), "q", CLIENT, START + 5 * MS, START + 9 * MS), ERROR));
    add("late", span(6, 4, span(8), "job", SERVER, START, START + MS));
    TraceBlock block = flush().traces().get(0);
    assertThat(block.minNanos()).isEqualTo(START);
    assertThat(block.maxNanos()).isEqualTo(START + 5 * MS);
    assertThat(block.traceIds()[0]).hasToString("00000000-0000-0005-0000-000000000005");
    assertThat(block.startMicros()[0]).isEqualTo((START + MS) / 1_000);
    assertThat(block.durationMicros()).containsExactly(8_000L, 1_000L);
    assertThat(block.spans()).containsExactly(2, 1);
    assertThat(block.errors()).containsExactly(1, 0);
    assertThat(block.roots()).containsExactly(1, -2);
    assertThat(block.rootServices()).containsExactly("web", "late");
    assertThat(block.serviceSets()).containsExactly("db\u001fweb", "late");
  }

  @Test
  void traces_areFiledByTheHour_asSegmentsAre() {
    add("s", span(1, 1, NO_PARENT, "a", SERVER, START, START));
    add("s", span(1, 2, span(1), "b", SERVER, START - 1, START));
    assertThat(flush().traces()).extracting(TraceBlock::minNanos).containsExactly(START - 1, START);
  }

  @Test
  void call_isPaired_whenItsSidesComeInDifferentFlushes() {
    add("cart", server(1, ERROR, 20 * MS));
    assertThat(edges(flush())).isEmpty();
    now = now.plusSeconds(5);
    add("web", client(1, 30 * MS));
    assertThat(edges(flush()))
        .containsExactly(new EdgeRow("web", "cart", "", 1, 1, 30 * MS, 20 * MS));
    assertThat(edges(flush())).isEmpty();
  }

  @Test
  void call_isToWhatItsAttributesName_whenNoServerComes() {
    add("pay", client(1, 5 * MS).addAttributes(attribute("server.address", "api.example")));
    add("pay", client(2, 5 * MS));
    now = now.plus(EdgeTable.WAIT).minusMillis(1);
    assertThat(edges(flush())).isEmpty();
    now = now.plus(EdgeTable.WAIT).plus(Duration.ofMillis(1));
    assertThat(edges(flush()))
        .extracting(EdgeRow::server, EdgeRow::connectionType, EdgeRow::calls)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("api.example", "virtual_node", 1));
    add("late", server(1, 0, MS));
    assertThat(edges(flush())).isEmpty();
  }

  @Test
  void databasesAndQueues_areEdgesOfTheirOwnKind() {
    add(
        "cart",
        client(1, MS)
            .addAttributes(attribute("db.system.name", "postgresql"))
            .addAttributes(attribute("db.namespace", "shop")));
    add("cart", span(1, 2, span(9), "send", PRODUCER, START, START + MS));
    add("mail", span(1, 3, span(2), "take", CONSUMER, START, START + MS));
    assertThat(edges(flush()))
        .extracting(EdgeRow::server, EdgeRow::connectionType)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("mail", "messaging_system"),
            org.assertj.core.groups.Tuple.tuple("postgresql/shop", "database"));
  }

  @Test
  void whatASpanTold_isNotToldOfTheNext() {
    add("a", client(1, MS).addAttributes(attribute("db.system", "redis")));
    add("a", client(2, MS));
    assertThat(edges(flush())).extracting(EdgeRow::calls).containsExactly(1);
  }

  @Test
  void exceptions_areGrouped_andBounded() {
    for (int i = 0; i < 3; i++) {
      String stack = "at f (a.js:" + i + ":2)";
      add("web", client(i, MS).addEvents(exception("Boom", "no " + i, stack)));
    }
    add("web", client(4, MS).addEvents(Span.Event.newBuilder().setName("retry")));
    assertThat(flush().exceptions())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.occurrences()).isEqualTo(3);
              assertThat(row.message()).isEqualTo("no 2");
              assertThat(row.service()).isEqualTo("web");
              assertThat(row.traceId()).hasToString("00000000-0000-0001-0000-000000000001");
            });
    for (int i = 0; i < 2 * ExceptionTable.GROUPS_MAX; i++) {
      add("web", client(i, MS).addEvents(exception("Boom" + i, "", "")));
    }
    assertThat(flush().exceptions()).hasSize(ExceptionTable.GROUPS_MAX + 1);
  }
}
