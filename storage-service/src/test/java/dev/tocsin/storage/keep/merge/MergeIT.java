package dev.tocsin.storage.keep.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegment;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegment;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.summary.SpanSummarizer;
import dev.tocsin.storage.keep.merge.MergeStore.Kind;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is stored before merging is stored after it and all the while, each item once. */
final class MergeIT {
  private static final Instant HOUR = Instant.parse("2026-05-01T10:00:00Z");
  private static final Instant BEFORE = HOUR.plus(Duration.ofHours(2));
  private static final String TOPIC = "t";

  private final Vertx vertx = Vertx.vertx();
  private final PostgresServer server = Backends.freshDatabase("merge");
  private final Postgres postgres =
      new Postgres(vertx, server.settings(6), TelemetrySchema.migrations());
  private final Partitions partitions = new Partitions(postgres);
  private final PgSegmentStore store = new PgSegmentStore(postgres, partitions);
  private final PgMergeStore merges =
      new PgMergeStore(
          vertx,
          InstantSource.system(),
          postgres,
          partitions,
          new MergeSettings(true, Duration.ZERO, Duration.ofMinutes(1), 100, 400, 16L << 20));
  private final Random random = new Random(11);
  private int samplesMade;
  private final Map<String, Long> offsets = new TreeMap<>();

  MergeIT() throws Exception {
    wait(postgres.start());
  }

  @AfterEach
  void close() throws Exception {
    wait(postgres.stop());
    wait(vertx.close());
  }

  @Test
  void everything_isTheSame_whileAndAfterItIsMerged() throws Exception {
    for (int i = 0; i < 90; i++) {
      storeSpans(i % 3);
      storeLogs(i % 3);
      storeSamples(i % 3, i % 2);
    }
    List<String> spans = spans();
    List<String> logs = logs();
    Map<Long, Map<Long, Double>> samples = samples();
    List<String> traces = texts("select t::text from telemetry.traces('-infinity', 'infinity') t");
    List<SeriesSamples> totals = wait(store.totals(1, 1));

    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Integer> reader =
        CompletableFuture.supplyAsync(
            () -> {
              int looks = 0;
              while (!done.get()) {
                assertThat(spans()).isEqualTo(spans);
                assertThat(samples()).isEqualTo(samples);
                looks++;
              }
              return looks;
            });
    int gone = mergeAll();
    done.set(true);

    assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
    // Two sources: the blocks since the last totals stay.
    assertThat(gone).isGreaterThan(200);
    assertThat(spans()).isEqualTo(spans);
    assertThat(logs()).isEqualTo(logs);
    assertThat(samples()).isEqualTo(samples);
    assertThat(texts("select t::text from telemetry.traces('-infinity', 'infinity') t"))
        .isEqualTo(traces);
    assertThat(smallSegments()).isLessThan(2);
    assertThat(wait(store.totals(1, 1)))
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyInAnyOrderElementsOf(totals);
  }

  @Test
  void nothing_isLostOrDoubled_whenConnectionsAreKilledWhileMerging() throws Exception {
    for (int i = 0; i < 120; i++) {
      storeSpans(i % 4);
    }
    List<String> spans = spans();
    PgMergeStore small =
        new PgMergeStore(
            vertx,
            InstantSource.system(),
            postgres,
            partitions,
            new MergeSettings(true, Duration.ZERO, Duration.ofMinutes(1), 100, 60, 16L << 20));
    AtomicInteger killed = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    CompletableFuture<Void> killer = CompletableFuture.runAsync(() -> kill(killed, done));
    for (int round = 0; smallSegments() > 1 || killed.get() == 0; round++) {
      assertThat(round).as("rounds").isLessThan(500);
      if (smallSegments() <= 1) {
        // All was merged before a connection was killed.
        storeSpans(round % 4);
        storeSpans(round % 4);
        spans = spans();
      }
      int unused = wait(small.mergeSome(Kind.SPANS, BEFORE).otherwise(-1));
      assertThat(spans()).isEqualTo(spans);
    }
    done.set(true);
    killer.get(60, TimeUnit.SECONDS);
    assertThat(killed.get()).isPositive();
    assertThat(count("select count(*) from telemetry.span_seg where id < 0")).isPositive();
  }

  @Test
  void merging_givesWay_whenAnotherMergesOrTheDayIsDropped() throws Exception {
    for (int i = 0; i < 60; i++) {
      storeSpans(i % 2);
    }
    List<String> spans = spans();
    PgMergeStore other =
        new PgMergeStore(
            vertx,
            InstantSource.system(),
            postgres,
            partitions,
            new MergeSettings(true, Duration.ZERO, Duration.ofMinutes(1), 100, 400, 16L << 20));
    for (int i = 0; i < 10; i++) {
      Future<Integer> mine = merges.mergeSome(Kind.SPANS, BEFORE);
      wait(Future.all(mine, other.mergeSome(Kind.SPANS, BEFORE)));
    }
    assertThat(spans()).isEqualTo(spans);

    storeSpans(0);
    storeSpans(1);
    Future<Integer> merge = merges.mergeSome(Kind.SPANS, BEFORE);
    LocalDate next = LocalDate.ofInstant(HOUR, ZoneOffset.UTC).plusDays(1);
    Future<Partitions.Dropped> drop =
        partitions
            .dropBefore(Partitions.SPANS, next)
            .compose(done -> partitions.dropBefore(Partitions.TRACES, next));
    wait(Future.join(merge, drop).otherwiseEmpty());
    assertThat(drop.succeeded()).isTrue();
    assertThat(spans()).isEmpty();
    assertThat(wait(merges.mergeSome(Kind.SPANS, BEFORE))).isZero();
  }

  private long smallSegments() {
    return count("select count(*) from telemetry.span_seg where id >= 0 and n < 2000");
  }

  private int mergeAll() throws Exception {
    int gone = 0;
    for (Kind kind : Kind.values()) {
      int some = wait(merges.mergeSome(kind, BEFORE));
      while (some > 0) {
        gone += some;
        some = wait(merges.mergeSome(kind, BEFORE));
      }
    }
    return gone;
  }

  /** Kills what this test's pool is doing now, at random times. */
  private void kill(AtomicInteger killed, AtomicBoolean done) {
    Random pause = new Random(5);
    while (!done.get() && killed.get() < 25) {
      LockSupport.parkNanos(pause.nextInt(20_000_000));
      killed.addAndGet(
          (int)
              count(
                  "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                      + " where datname = current_database() and state <> 'idle'"
                      + " and application_name = 'tocsin-telemetry'"));
    }
  }

  private void commit(int part, String topic, Batch.Content content) throws Exception {
    String key = topic + part;
    long offset = offsets.getOrDefault(key, 0L);
    if (offset == 0) {
      wait(store.point(topic, part));
    }
    assertThat(wait(store.commit(new Batch(topic, part, offset, offset + 1, content)))).isTrue();
    offsets.put(key, offset + 1);
  }

  private void storeSpans(int part) throws Exception {
    SpanSummarizer summarizer = new SpanSummarizer(InstantSource.system());
    List<SpanItem> items = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(20); i++) {
      long start = nanos();
      Span span =
          Span.newBuilder()
              .setTraceId(id(1_000 * part + random.nextInt(40), 16))
              .setSpanId(id(random.nextLong(), 8))
              .setParentSpanId(id(random.nextLong(), 8))
              .setName("op-" + random.nextInt(9))
              .setKindValue(random.nextInt(6))
              .setStartTimeUnixNano(start)
              .setEndTimeUnixNano(start + random.nextInt(1_000_000_000))
              .addAttributes(attribute("user", "u" + random.nextInt(100)))
              .addEvents(Span.Event.newBuilder().setName("e" + i))
              .build();
      items.add(new SpanItem(origin(random.nextInt(5)), span));
    }
    EncodedSpans segment = SpanSegments.encode(items, summarizer);
    long offset = offsets.getOrDefault(TOPIC + "-spans" + part, 0L);
    commit(
        part,
        TOPIC + "-spans",
        new Batch.Spans(List.of(segment), List.of(), summarizer.drain(offset)));
  }

  private void storeLogs(int part) throws Exception {
    List<LogItem> items = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(20); i++) {
      long nanos = nanos();
      LogRecord log =
          LogRecord.newBuilder()
              .setTimeUnixNano(nanos)
              .setBody(AnyValue.newBuilder().setStringValue("line " + random.nextInt()))
              .addAttributes(attribute("k", "v" + i))
              .build();
      items.add(new LogItem(origin(random.nextInt(5)), log, nanos));
    }
    commit(part, TOPIC + "-logs", new Batch.Logs(List.of(LogSegments.encode(items))));
  }

  /** Source 1 accumulates, and tells its totals now and then. */
  private void storeSamples(int part, int source) throws Exception {
    List<SeriesSamples> block = new ArrayList<>();
    List<Batch.SeriesEntry> entries = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String metric = "metric_" + i % 4;
      long id = 100L * part + i;
      SeriesSamples series = new SeriesSamples(id, metric, source == 1);
      for (int sample = 0; sample < 4; sample++) {
        series.add(nextSampleMs(), source == 1 ? offsets.size() + sample : random.nextInt(99));
      }
      block.add(series);
      entries.add(new Batch.SeriesEntry(id, metric, "{}", HOUR.toEpochMilli()));
    }
    Optional<dev.tocsin.segment.metric.EncodedMetrics> totals =
        source == 1 && random.nextInt(4) == 0
            ? Optional.of(MetricBlocks.encode(block))
            : Optional.empty();
    commit(
        part,
        TOPIC + "-samples" + source,
        new Batch.Samples(source, List.of(MetricBlocks.encode(block)), entries, totals));
  }

  private long nanos() {
    return HOUR.getEpochSecond() * 1_000_000_000 + random.nextInt(3_599) * 1_000_000_000L;
  }

  /** No time twice: which of two samples of one time counts is not defined over blocks. */
  private long nextSampleMs() {
    return HOUR.toEpochMilli() + ++samplesMade * 7_919L % 3_599_000;
  }

  private static ByteString id(long number, int bytes) {
    return ByteString.copyFrom(
        java.nio.ByteBuffer.allocate(bytes).putLong(bytes - 8, number).array());
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static Origin origin(int number) {
    String service = "service-" + number;
    Resource resource =
        Resource.newBuilder().addAttributes(attribute("service.name", service)).build();
    ByteString bytes = ResourceSpans.newBuilder().setResource(resource).build().toByteString();
    return new Origin(bytes, ByteString.EMPTY, service);
  }

  private List<String> spans() {
    List<String> all = new ArrayList<>();
    read(
        "select fmt, core, ids, attrs, events from telemetry.span_seg",
        row -> {
          SpanSegment segment =
              new SpanSegment(
                  row.getInt(1),
                  row.getBytes(2),
                  row.getBytes(3),
                  row.getBytes(4),
                  row.getBytes(5));
          for (int i = 0; i < segment.count(); i++) {
            all.add(segment.service(i) + segment.span(i));
          }
        });
    Collections.sort(all);
    return all;
  }

  private List<String> logs() {
    List<String> all = new ArrayList<>();
    read(
        "select fmt, meta, body, attrs from telemetry.log_seg",
        row -> {
          LogSegment segment =
              new LogSegment(row.getInt(1), row.getBytes(2), row.getBytes(3), row.getBytes(4));
          for (int i = 0; i < segment.count(); i++) {
            all.add(segment.service(i) + segment.log(i));
          }
        });
    Collections.sort(all);
    return all;
  }

  /** As readers put blocks together. */
  private Map<Long, Map<Long, Double>> samples() {
    Map<Long, SeriesSamples> whole = new TreeMap<>();
    read(
        "select fmt, data from telemetry.metric_block where metrics <> '{}'"
            + " order by min_ts, part, source, id",
        row -> {
          for (SeriesSamples block : MetricBlocks.decode(row.getInt(1), row.getBytes(2))) {
            // Sources are put together in another order once merged: apart here.
            long key = block.id() * 2 + (block.accumulated() ? 1 : 0);
            whole
                .computeIfAbsent(key, id -> new SeriesSamples(id, "", block.accumulated()))
                .merge(block, 0, Long.MAX_VALUE);
          }
        });
    Map<Long, Map<Long, Double>> all = new TreeMap<>();
    whole.forEach(
        (id, series) -> {
          Map<Long, Double> samples = new TreeMap<>();
          for (int i = 0; i < series.size(); i++) {
            samples.put(series.timeMs(i), series.value(i));
          }
          all.put(id, samples);
        });
    return all;
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private void read(String sql, RowReader reader) {
    try (Connection connection = Backends.connect(server);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        reader.read(rows);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  private List<String> texts(String sql) {
    List<String> texts = new ArrayList<>();
    read(sql, row -> texts.add(row.getString(1)));
    Collections.sort(texts);
    return texts;
  }

  private long count(String sql) {
    long[] count = new long[1];
    read(sql, row -> count[0] = row.getLong(1));
    return count[0];
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
