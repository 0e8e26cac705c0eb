package dev.tocsin.storage.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.FoundTraces;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogCursor;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceSummary;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.log.LogTails;
import dev.tocsin.storage.read.log.PgLogReader;
import dev.tocsin.storage.read.trace.PgTraceReader;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Searches with random conditions find just what looking at every item finds: index, bloom, stages,
 * fetching in pieces, pages. Items share times, traces go over segments and days, and segments of
 * parts overlap.
 */
final class SearchIT {
  /** The first hour ends a day. */
  private static final Instant FIRST = Instant.parse("2026-05-01T23:00:00Z");

  private static final int HOURS = 3;
  private static final int QUERIES = 60;

  /** Items of a segment that has several frames and is fetched in pieces. */
  private static final int LARGE = 1_000;

  private static final TimeRange ALL = new TimeRange(FIRST, FIRST.plus(Duration.ofHours(HOURS)));
  private static final QueryLimits LIMITS =
      new QueryLimits(
          4, 8, Duration.ofSeconds(60), 1 << 28, 1 << 28, Duration.ofDays(9), 999, 9, 9, 1);

  private static final Vertx VERTX = Vertx.vertx();
  private static final PostgresServer SERVER = Backends.freshDatabase("search");
  private static final Postgres POSTGRES =
      new Postgres(VERTX, SERVER.settings(), TelemetrySchema.migrations());
  private static final QueryPool QUERIES_POOL = new QueryPool(LIMITS, new SimpleMeterRegistry());
  private static final List<SpanItem> SPANS = new ArrayList<>();
  private static final Map<ByteString, List<SpanItem>> BY_TRACE = new HashMap<>();
  private static final List<LogItem> LOGS = new ArrayList<>();

  private final PgTraceReader traces = new PgTraceReader(POSTGRES, QUERIES_POOL);
  private final PgLogReader logs =
      new PgLogReader(
          POSTGRES,
          QUERIES_POOL,
          new LogTails(
              ServiceContext.create(VERTX, "search", InstantSource.system()),
              POSTGRES,
              QUERIES_POOL,
              1));
  private final RandomSearch random = new RandomSearch(4);

  @BeforeAll
  static void store() throws Exception {
    wait(POSTGRES.start());
    PgSegmentStore store = new PgSegmentStore(POSTGRES, new Partitions(POSTGRES));
    RandomSearch random = new RandomSearch(3);
    for (int part = 0; part < 3; part++) {
      for (int i = 0; i < 8; i++) {
        int hour = i % HOURS;
        List<SpanItem> spans = new ArrayList<>();
        List<LogItem> lines = new ArrayList<>();
        for (int item = i < 2 && part < 2 ? LARGE : random.next(60); item >= 0; item--) {
          spans.add(new SpanItem(random.origin(), random.span(hour, nanos(random, hour))));
          long nanos = nanos(random, hour);
          lines.add(new LogItem(random.origin(), random.log(hour, nanos), nanos));
        }
        SPANS.addAll(spans);
        spans.forEach(
            item ->
                BY_TRACE
                    .computeIfAbsent(item.span().getTraceId(), id -> new ArrayList<>())
                    .add(item));
        LOGS.addAll(lines);
        Batch.Content spanBatch = new Batch.Spans(List.of(SpanSegments.encode(spans)), List.of());
        Batch.Content logBatch = new Batch.Logs(List.of(LogSegments.encode(lines)));
        commit(store, "spans", part, i, spanBatch);
        commit(store, "logs", part, i, logBatch);
      }
    }
  }

  private static void commit(
      PgSegmentStore store, String topic, int part, long offset, Batch.Content content)
      throws Exception {
    if (offset == 0) {
      wait(store.point(topic, part));
    }
    assertThat(wait(store.commit(new Batch(topic, part, offset, offset + 1, content)))).isTrue();
  }

  /** Few different ones. */
  private static long nanos(RandomSearch random, int hour) {
    long second = FIRST.getEpochSecond() + 3_600L * hour + random.next(300) * 11L;
    return second * 1_000_000_000 + random.next(2);
  }

  @AfterAll
  static void close() throws Exception {
    wait(QUERIES_POOL.stop());
    wait(POSTGRES.stop());
    wait(VERTX.close());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private TimeRange range() {
    if (random.next(3) == 0) {
      return ALL;
    }
    Instant start = FIRST.plusSeconds(random.next(9_000));
    return new TimeRange(start, start.plusSeconds(random.next(5_000)));
  }

  /** It began before the end of the range, and ended after its start. */
  private static boolean touches(TimeRange range, Span span) {
    return span.getStartTimeUnixNano() <= range.endNanos()
        && span.getEndTimeUnixNano() >= range.startNanos();
  }

  private static boolean isIn(TimeRange range, long nanos) {
    return nanos >= range.startNanos() && nanos <= range.endNanos();
  }

  @Test
  void traces_areThoseWithASpanThatMatches_newestFirst_whateverTheCondition() throws Exception {
    int found = 0;
    for (int i = 0; i < QUERIES; i++) {
      Condition<SpanCondition> condition = random.spanCondition(3);
      TimeRange range = range();
      List<TraceCursor> expected = tracesWith(condition, range);
      List<TraceSummary> pages = new ArrayList<>();
      Optional<TraceCursor> after = Optional.empty();
      int limit = 4 + random.next(40);
      do {
        TracePage page =
            wait(traces.search(new TraceQuery(condition, range, limit, after), new Cancellation()));
        pages.addAll(page.traces());
        after = page.next();
      } while (after.isPresent());
      assertThat(pages.stream().map(TraceSummary::traceId).toList())
          .as("%s in %s, %s a page", condition, range, limit)
          .isEqualTo(expected.stream().map(TraceCursor::traceId).toList());
      assertThat(pages).allSatisfy(SearchIT::assertSummedUp);
      assertThat(
              wait(
                  traces.find(
                      new TraceQuery(condition, range, 99, Optional.empty()), new Cancellation())))
          .isEqualTo(new FoundTraces(expected, false));
      found += expected.size();
    }
    assertThat(found).isGreaterThan(QUERIES);
  }

  private static List<TraceCursor> tracesWith(Condition<SpanCondition> condition, TimeRange range) {
    Map<ByteString, Long> newest = new HashMap<>();
    for (SpanItem item : SPANS) {
      Span span = item.span();
      if (touches(range, span) && NaiveSearch.matches(condition, origins(item.origin()), span)) {
        newest.merge(span.getTraceId(), span.getStartTimeUnixNano(), Math::max);
      }
    }
    return newest.entrySet().stream()
        .map(each -> new TraceCursor(each.getValue(), each.getKey()))
        .sorted()
        .toList();
  }

  private static void assertSummedUp(TraceSummary summary) {
    List<SpanItem> spans = BY_TRACE.getOrDefault(summary.traceId(), List.of());
    long start = spans.stream().mapToLong(i -> i.span().getStartTimeUnixNano()).min().orElseThrow();
    long end = spans.stream().mapToLong(i -> i.span().getEndTimeUnixNano()).max().orElseThrow();
    TreeSet<String> services = new TreeSet<>();
    spans.forEach(item -> services.add(item.origin().service()));
    assertThat(summary.spanCount()).isEqualTo(spans.size());
    assertThat(summary.errorCount())
        .isEqualTo(
            (int) spans.stream().filter(i -> i.span().getStatus().getCodeValue() == 2).count());
    assertThat(summary.startNanos()).isEqualTo(start);
    assertThat(summary.durationNanos()).isEqualTo(end - start);
    assertThat(summary.services()).containsExactlyElementsOf(services);
    boolean rooted = spans.stream().anyMatch(item -> item.span().getParentSpanId().isEmpty());
    long first =
        spans.stream()
            .filter(item -> !rooted || item.span().getParentSpanId().isEmpty())
            .mapToLong(item -> item.span().getStartTimeUnixNano())
            .min()
            .orElseThrow();
    assertThat(spans)
        .anyMatch(
            item ->
                item.span().getStartTimeUnixNano() == first
                    && item.origin().service().equals(summary.rootService())
                    && item.span().getName().equals(summary.rootOperation()));
  }

  @Test
  void logs_areThoseThatMatch_inOrder_whateverTheCondition() throws Exception {
    int found = 0;
    for (int i = 0; i < QUERIES; i++) {
      Condition<LogCondition> condition = random.logCondition(3, HOURS);
      TimeRange range = range();
      Direction direction = random.next(2) == 0 ? Direction.NEWEST_FIRST : Direction.OLDEST_FIRST;
      int limit = 10 + random.next(900);
      List<LogReader.StoredLog> pages = new ArrayList<>();
      Optional<LogCursor> after = Optional.empty();
      do {
        LogReader.LogPage page =
            wait(
                logs.search(
                    new LogQuery(condition, range, direction, limit, after), new Cancellation()));
        pages.addAll(page.logs());
        after = page.next();
      } while (after.isPresent());
      List<LogItem> expected =
          LOGS.stream()
              .filter(item -> isIn(range, item.nanos()))
              .filter(item -> NaiveSearch.matches(condition, origins(item.origin()), item.log()))
              .toList();
      String what = condition + " in " + range + ", " + direction + ", " + limit + " a page";
      assertThat(pages.stream().map(SearchIT::shown))
          .as(what)
          .containsExactlyInAnyOrderElementsOf(
              expected.stream().map(item -> item.origin().service() + item.log()).toList());
      Comparator<Long> order = Comparator.naturalOrder();
      assertThat(pages.stream().map(LogReader.StoredLog::nanos).toList())
          .as(what)
          .isSortedAccordingTo(direction == Direction.OLDEST_FIRST ? order : order.reversed());
      assertThat(counted(condition, range)).as(what).isEqualTo(expected.size());
      found += expected.size();
    }
    assertThat(found).isGreaterThan(QUERIES);
  }

  private long counted(Condition<LogCondition> condition, TimeRange range) throws Exception {
    return wait(logs.histogram(condition, range, 600_000_000_000L, new Cancellation())).stream()
        .flatMap(bucket -> bucket.counts().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  private static String shown(LogReader.StoredLog log) {
    return log.service() + log.log();
  }

  @Test
  void trace_isRead_withEverySpan_alsoWhenOnlyItsTimeIsLookedAt() throws Exception {
    for (int hour = 0; hour < HOURS; hour++) {
      Instant begin = FIRST.plus(Duration.ofHours(hour));
      for (int number = 0; number < RandomSearch.TRACES; number++) {
        ByteString traceId = RandomSearch.traceId(hour, number);
        TimeRange time = new TimeRange(begin, begin.plus(Duration.ofHours(1)));
        List<Span> expected =
            SPANS.stream()
                .map(SpanItem::span)
                .filter(span -> span.getTraceId().equals(traceId))
                .toList();
        for (Optional<TimeRange> around : List.of(Optional.of(time), Optional.<TimeRange>empty())) {
          List<Span> spans =
              wait(traces.trace(traceId, around, new Cancellation()))
                  .getResourceSpansList()
                  .stream()
                  .flatMap(each -> each.getScopeSpansList().stream())
                  .flatMap(each -> each.getSpansList().stream())
                  .toList();
          assertThat(spans).containsExactlyInAnyOrderElementsOf(expected);
        }
      }
    }
  }

  /** A day that is looked at waits for its lock, until the query has no more time. */
  @Test
  void lookUpsByTrace_touchOnlyTheDaysOfTheirRange() throws Exception {
    ByteString traceId = SPANS.get(0).span().getTraceId();
    TimeRange day = new TimeRange(FIRST, FIRST.plusSeconds(3_599));
    LogQuery ofTrace =
        new LogQuery(
            new LogCondition.Trace(traceId), day, Direction.OLDEST_FIRST, 100, Optional.empty());
    try (Connection other = Backends.connect(SERVER);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute(
          "lock table telemetry.span_seg_20260502, telemetry.log_seg_20260502"
              + " in access exclusive mode");
      assertThat(
              wait(traces.trace(traceId, Optional.of(day), new Cancellation()))
                  .getResourceSpansCount())
          .isPositive();
      assertThat(wait(logs.search(ofTrace, new Cancellation())).logs())
          .hasSameSizeAs(
              LOGS.stream().filter(item -> item.log().getTraceId().equals(traceId)).toList());
      other.rollback();
    }
  }

  private static NaiveSearch.Origins origins(Origin origin) {
    try {
      return new NaiveSearch.Origins(
          origin.service(),
          ResourceSpans.parseFrom(origin.resource()).getResource().getAttributesList(),
          ScopeSpans.parseFrom(origin.scope()).getScope().getAttributesList());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
