package dev.tocsin.storage.summary;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
  private static final ByteString NO_PARENT = ByteString.EMPTY;

  private Instant now = Instant.ofEpochSecond(1_764_000_000);
  private final InstantSource clock = () -> now;
  private final SpanSummarizer summarizer = new SpanSummarizer(clock);

  private static ByteString trace(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(id).putLong(id).flip());
  }

  private static ByteString span(long id) {
    return ByteString.copyFrom(ByteBuffer.allocate(8).putLong(id).flip());
  }

  private void client(long id, String service, long nanos) {
    summarizer.add(service, trace(1), span(id), span(9), "GET", CLIENT, 0, START, START + nanos);
  }

  private void server(long parent, String service, int status, long nanos) {
    summarizer.add(
        service, trace(1), span(77), span(parent), "GET /", SERVER, status, START, START + nanos);
  }

  @Test
  void red_countsEverySpanOnce_byMinuteOperationAndStatus() {
    Random random = new Random(7);
    long nanos = 0;
    for (int i = 0; i < 1_000; i++) {
      long duration = random.nextInt(2_000) * MS;
      nanos += duration;
      long start = START + TimeUnit.SECONDS.toNanos(random.nextInt(180));
      String service = "service-" + random.nextInt(3);
      summarizer.add(
          service, trace(i), span(i), NO_PARENT, "op", SERVER, i % 3, start, start + duration);
    }
    List<RedRow> rows = summarizer.drain().red();
    assertThat(rows).hasSize(3 * 3 * 3);
    assertThat(rows.stream().mapToInt(RedRow::calls).sum()).isEqualTo(1_000);
    assertThat(rows.stream().mapToLong(RedRow::sumNanos).sum()).isEqualTo(nanos);
    assertThat(rows).allSatisfy(row -> assertThat(row.buckets()).hasSize(16));
    assertThat(rows.stream().flatMapToInt(row -> java.util.Arrays.stream(row.buckets())).sum())
        .isEqualTo(1_000);
    assertThat(summarizer.drain().red()).isEmpty();
  }

  @Test
  void latencies_fallIntoTheBucketThatNamesThem() {
    assertThat(LatencyBuckets.place(0)).isZero();
    assertThat(LatencyBuckets.place(MS)).isZero();
    assertThat(LatencyBuckets.place(MS + 1)).isEqualTo(1);
    assertThat(LatencyBuckets.COLUMNS.get(LatencyBuckets.place(60_000 * MS))).isEqualTo("le_60s");
    assertThat(LatencyBuckets.COLUMNS.get(LatencyBuckets.place(Long.MAX_VALUE)))
        .isEqualTo("le_inf");
  }

  @Test
  void operations_areBounded_whenNamesAreMadeUp() {
    for (int i = 0; i < 3 * RedTable.NAMES_MAX; i++) {
      summarizer.add("s", trace(i), span(i), NO_PARENT, "GET /" + i, SERVER, 0, START, START);
    }
    SpanSummary summary = summarizer.drain();
    assertThat(summary.operations()).hasSize(RedTable.NAMES_MAX + 1);
    assertThat(summary.red().stream().filter(r -> r.operation().name().equals(RedTable.OTHER)))
        .singleElement()
        .extracting(RedRow::calls)
        .isEqualTo(2 * RedTable.NAMES_MAX);
  }

  @Test
  void trace_isSummedUp_withItsRootAndServices() {
    summarizer.add(
        "db", trace(5), span(3), span(2), "q", CLIENT, ERROR, START + 5 * MS, START + 9 * MS);
    summarizer.add(
        "web", trace(5), span(1), NO_PARENT, "GET /", SERVER, 0, START + MS, START + 7 * MS);
    summarizer.add("late", trace(6), span(4), span(8), "job", SERVER, 0, START, START + MS);
    TraceBlock block = summarizer.drain().traces().get(0);
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
    summarizer.add("s", trace(1), span(1), NO_PARENT, "a", SERVER, 0, START, START);
    summarizer.add("s", trace(1), span(2), span(1), "b", SERVER, 0, START - 1, START);
    assertThat(summarizer.drain().traces())
        .extracting(TraceBlock::minNanos)
        .containsExactly(START - 1, START);
  }

  @Test
  void call_isPaired_whenItsSidesComeInDifferentFlushes() {
    server(1, "cart", ERROR, 20 * MS);
    assertThat(summarizer.drain().edges()).isEmpty();
    now = now.plusSeconds(5);
    client(1, "web", 30 * MS);
    assertThat(summarizer.drain().edges())
        .containsExactly(
            new EdgeRow(START / 60_000_000_000L, "web", "cart", "", 1, 1, 30 * MS, 20 * MS));
    assertThat(summarizer.drain().edges()).isEmpty();
  }

  @Test
  void call_isToWhatItsAttributesName_whenNoServerComes() {
    summarizer.attribute("server.address", "api.stripe.example");
    client(1, "pay", 5 * MS);
    client(2, "pay", 5 * MS);
    now = now.plus(EdgeTable.WAIT).minusMillis(1);
    assertThat(summarizer.drain().edges()).isEmpty();
    now = now.plus(Duration.ofMillis(2));
    assertThat(summarizer.drain().edges())
        .extracting(EdgeRow::server, EdgeRow::connectionType, EdgeRow::calls)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("api.stripe.example", "virtual_node", 1));
    server(1, "late", 0, MS);
    assertThat(summarizer.drain().edges()).isEmpty();
  }

  @Test
  void databasesAndQueues_areEdgesOfTheirOwnKind() {
    summarizer.attribute("db.system.name", "postgresql");
    summarizer.attribute("db.namespace", "shop");
    client(1, "cart", MS);
    summarizer.add("cart", trace(1), span(2), span(9), "send", PRODUCER, 0, START, START + MS);
    summarizer.add("mail", trace(1), span(3), span(2), "take", CONSUMER, 0, START, START + MS);
    assertThat(summarizer.drain().edges())
        .extracting(EdgeRow::server, EdgeRow::connectionType)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("mail", "messaging_system"),
            org.assertj.core.groups.Tuple.tuple("postgresql/shop", "database"));
  }

  @Test
  void exceptions_areGrouped_andBounded() {
    for (int i = 0; i < 3; i++) {
      summarizer.exception("Boom", "no " + i, "at f (a.js:" + i + ":2)");
      client(i, "web", MS);
    }
    assertThat(summarizer.drain().exceptions())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.occurrences()).isEqualTo(3);
              assertThat(row.message()).isEqualTo("no 2");
              assertThat(row.service()).isEqualTo("web");
            });
    for (int i = 0; i < 2 * ExceptionTable.GROUPS_MAX; i++) {
      summarizer.exception("Boom" + i, "", "");
      client(i, "web", MS);
    }
    assertThat(summarizer.drain().exceptions()).hasSize(ExceptionTable.GROUPS_MAX + 1);
  }

  @Test
  void whatWasTold_isForgotten_withASpanThatIsNotStored() {
    summarizer.attribute("db.system", "redis");
    summarizer.exception("Boom", "", "");
    summarizer.forget();
    client(1, "web", MS);
    SpanSummary summary = summarizer.drain();
    assertThat(summary.edges()).isEmpty();
    assertThat(summary.exceptions()).isEmpty();
  }
}
