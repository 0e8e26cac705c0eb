package dev.tocsin.storage.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceCursor;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceSummary;
import dev.tocsin.storage.query.QueryPool;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Traces and spans that last for days are found, and summed up whole, from any hour of them. */
final class LongSpansIT {
  private static final Instant NOON = Instant.parse("2026-05-04T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  /** It has a span two days ago and one now; the first is its root. */
  private static final ByteString SCATTERED = RandomSearch.id(1, 16);

  /** One span that began two days ago and still goes on. */
  private static final ByteString GOING_ON = RandomSearch.id(2, 16);

  /** One span that began within the hour before, and ended in this one. */
  private static final ByteString CROSSING = RandomSearch.id(3, 16);

  /** One span that was over just before. */
  private static final ByteString OVER = RandomSearch.id(4, 16);

  private static final TimeRange HOUR = new TimeRange(NOON, NOON.plus(Duration.ofHours(1)));
  private static final QueryLimits LIMITS =
      new QueryLimits(
          4, 8, Duration.ofSeconds(60), 1 << 28, 1 << 28, Duration.ofDays(9), 999, 9, 9, 1);

  private static final Vertx VERTX = Vertx.vertx();
  private static final PostgresServer SERVER = Backends.freshDatabase("longspans");
  private static final Postgres POSTGRES =
      new Postgres(VERTX, SERVER.settings(), TelemetrySchema.migrations());
  private static final QueryPool QUERIES = new QueryPool(LIMITS, new SimpleMeterRegistry());

  private final PgTraceReader traces = new PgTraceReader(POSTGRES, QUERIES);

  @BeforeAll
  static void store() throws Exception {
    wait(POSTGRES.start());
    PgSegmentStore store = new PgSegmentStore(POSTGRES, new Partitions(POSTGRES));
    wait(store.point("spans", 0));
    List<Span> all =
        List.of(
            span(SCATTERED, 1, "root", NOON.minus(DAY).minus(DAY), Duration.ofSeconds(1)),
            child(SCATTERED, 2, NOON.plusSeconds(60), Duration.ofSeconds(5)),
            span(GOING_ON, 3, "stream", NOON.minus(DAY).minus(DAY), Duration.ofHours(50)),
            span(CROSSING, 4, "job", NOON.minusSeconds(1_200), Duration.ofSeconds(1_260)),
            span(OVER, 5, "job", NOON.minusSeconds(1_200), Duration.ofSeconds(1_199)));
    for (int i = 0; i < all.size(); i++) {
      List<SpanItem> one = new ArrayList<>(List.of(new SpanItem(origin(), all.get(i))));
      Batch.Content content = new Batch.Spans(List.of(SpanSegments.encode(one)), List.of());
      assertThat(wait(store.commit(new Batch("spans", 0, i, i + 1, content)))).isTrue();
    }
  }

  private static Origin origin() {
    return new Origin(
        ResourceSpans.getDefaultInstance().toByteString(),
        ScopeSpans.getDefaultInstance().toByteString(),
        "svc");
  }

  private static Span span(
      ByteString trace, long id, String name, Instant start, Duration duration) {
    long nanos = TimeUnit.SECONDS.toNanos(start.getEpochSecond());
    return Span.newBuilder()
        .setTraceId(trace)
        .setSpanId(RandomSearch.id(id, 8))
        .setName(name)
        .setStartTimeUnixNano(nanos)
        .setEndTimeUnixNano(nanos + duration.toNanos())
        .build();
  }

  private static Span child(ByteString trace, long id, Instant start, Duration duration) {
    return span(trace, id, "child", start, duration).toBuilder()
        .setParentSpanId(RandomSearch.id(1, 8))
        .build();
  }

  @AfterAll
  static void close() throws Exception {
    wait(QUERIES.stop());
    wait(POSTGRES.stop());
    wait(VERTX.close());
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private TracePage page(TimeRange range, int limit, Optional<TraceCursor> after) throws Exception {
    Condition<SpanCondition> anything = Condition.anything();
    return wait(traces.search(new TraceQuery(anything, range, limit, after), new Cancellation()));
  }

  @Test
  void trace_isSummedUpWhole_whateverHourOfItIsAskedFor() throws Exception {
    TraceSummary summary = page(HOUR, 1, Optional.empty()).traces().get(0);
    assertThat(summary.traceId()).isEqualTo(SCATTERED);
    assertThat(summary.rootOperation()).isEqualTo("root");
    assertThat(summary.spanCount()).isEqualTo(2);
    assertThat(summary.startNanos())
        .isEqualTo(TimeUnit.SECONDS.toNanos(NOON.minus(Duration.ofDays(2)).getEpochSecond()));
    assertThat(summary.durationNanos()).isEqualTo(Duration.ofDays(2).plusSeconds(65).toNanos());
    assertThat(summary.partial()).isFalse();
  }

  @Test
  void spansThatBeganBefore_areFound_whenTheyTouchTheTime_onPagesToo() throws Exception {
    TracePage all = page(HOUR, 10, Optional.empty());
    assertThat(all.partial()).isFalse();
    assertThat(all.traces().stream().map(TraceSummary::traceId))
        .containsExactly(SCATTERED, CROSSING, GOING_ON);
    List<ByteString> walked = new ArrayList<>();
    Optional<TraceCursor> after = Optional.empty();
    do {
      TracePage page = page(HOUR, 1, after);
      page.traces().forEach(trace -> walked.add(trace.traceId()));
      after = page.next();
    } while (after.isPresent());
    assertThat(walked).containsExactly(SCATTERED, CROSSING, GOING_ON);
    TimeRange dayBefore = new TimeRange(NOON.minus(DAY), NOON.minus(DAY).plusSeconds(1));
    assertThat(page(dayBefore, 10, Optional.empty()).traces().stream().map(TraceSummary::traceId))
        .containsExactly(GOING_ON);
  }

  @Test
  void answer_isPartial_whenOlderVersionsDidNotStoreEnds_butAnHourBackIsLookedAt()
      throws Exception {
    try (Connection connection = Backends.connect(SERVER);
        Statement statement = connection.createStatement()) {
      statement.execute("create table kept as select id, max_end from telemetry.span_seg");
      statement.execute("update telemetry.span_seg set max_end = null");
      try {
        TracePage page = page(HOUR, 10, Optional.empty());
        assertThat(page.partial()).isTrue();
        assertThat(page.traces().stream().map(TraceSummary::traceId))
            .containsExactly(SCATTERED, CROSSING);
      } finally {
        statement.execute(
            "update telemetry.span_seg s set max_end = k.max_end from kept k where k.id = s.id");
      }
    }
  }
}
