package dev.tocsin.storage.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogReader.LogPage;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceSummary;
import dev.tocsin.storage.query.QueryMemoryException;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.log.LogTails;
import dev.tocsin.storage.read.log.PgLogReader;
import dev.tocsin.storage.read.scan.Shortening;
import dev.tocsin.storage.read.trace.PgTraceReader;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import dev.tocsin.testkit.PostgresServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The largest items that ingest accepts, of characters that an answer has to escape: whoever asks
 * for a list has one, which is short, and which costs no more memory than queries may have.
 */
final class LargeItemsIT {
  private static final Instant AT = Instant.parse("2026-05-02T10:00:00Z");
  private static final int ITEMS = 6;
  private static final int ITEM_BYTES = 14_500_000;
  private static final String ESCAPED = "\u0001".repeat(ITEM_BYTES);

  /** Of a heap of 400 MB. */
  private static final long MEMORY_MAX = 100L << 20;

  private static final Vertx VERTX = Vertx.vertx();
  private static final PostgresServer SERVER = Backends.freshDatabase("large");
  private static final Postgres POSTGRES =
      new Postgres(VERTX, SERVER.settings(), TelemetrySchema.migrations());
  private static final QueryPool QUERIES =
      new QueryPool(
          new QueryLimits(
              4, 8, Duration.ofSeconds(60), 1 << 28, MEMORY_MAX, Duration.ofDays(9), 999, 9, 9, 1),
          new SimpleMeterRegistry());

  private static final TimeRange RANGE = new TimeRange(AT, AT.plus(Duration.ofMinutes(5)));

  private final PgTraceReader traces = new PgTraceReader(POSTGRES, QUERIES);
  private final PgLogReader logs =
      new PgLogReader(
          POSTGRES,
          QUERIES,
          new LogTails(
              ServiceContext.create(VERTX, "large", InstantSource.system()), POSTGRES, QUERIES, 1));

  @BeforeAll
  static void store() throws Exception {
    wait(POSTGRES.start());
    PgSegmentStore store = new PgSegmentStore(POSTGRES, new Partitions(POSTGRES));
    wait(store.point("logs", 0));
    wait(store.point("traces", 0));
    for (int i = 0; i < ITEMS; i++) {
      Batch.Content logs = new Batch.Logs(List.of(LogSegments.encode(List.of(log(i)))));
      assertThat(wait(store.commit(new Batch("logs", 0, i, i + 1, logs)))).isTrue();
      Batch.Content spans =
          new Batch.Spans(List.of(SpanSegments.encode(List.of(span(i)))), List.of());
      assertThat(wait(store.commit(new Batch("traces", 0, i, i + 1, spans)))).isTrue();
    }
  }

  private static long nanos(int second) {
    return TimeUnit.SECONDS.toNanos(AT.getEpochSecond() + second);
  }

  private static LogItem log(int second) {
    return new LogItem(
        new Origin(ByteString.EMPTY, ByteString.EMPTY, "large"),
        LogRecord.newBuilder()
            .setTimeUnixNano(nanos(second))
            .setBody(AnyValue.newBuilder().setStringValue(second + ESCAPED))
            .build(),
        nanos(second));
  }

  private static ByteString traceId(int number) {
    return ByteString.copyFrom(new byte[16])
        .substring(1)
        .concat(ByteString.copyFrom(new byte[] {(byte) (number + 1)}));
  }

  private static SpanItem span(int second) {
    return new SpanItem(
        new Origin(ByteString.EMPTY, ByteString.EMPTY, "large"),
        Span.newBuilder()
            .setTraceId(traceId(second))
            .setSpanId(ByteString.copyFromUtf8("12345678"))
            .setStartTimeUnixNano(nanos(second))
            .setEndTimeUnixNano(nanos(second))
            .setName(second + ESCAPED)
            .build());
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

  private LogPage logs(boolean whole) throws Exception {
    return wait(
        logs.search(
            new LogQuery(
                Condition.anything(),
                RANGE,
                LogQuery.Direction.NEWEST_FIRST,
                10,
                Optional.empty(),
                whole,
                AnswerBytes.PAGE_MAX),
            new Cancellation()));
  }

  @Test
  void logs_areListedCut_allOfThem() throws Exception {
    LogPage page = logs(false);

    assertThat(page.logs()).hasSize(ITEMS).allMatch(StoredLog::truncated);
    assertThat(page.logs()).allMatch(log -> log.text().length() == Shortening.TEXT_BYTES_MAX);
    assertThat(page.logs().stream().mapToLong(StoredLog::answerBytes).sum())
        .isLessThan(AnswerBytes.PAGE_MAX);
    assertThat(page.next()).isEmpty();
  }

  @Test
  void wholeLogs_areRefused_whenTheirAnswerHasNoRoom() {
    assertThatThrownBy(() -> logs(true)).hasCauseInstanceOf(QueryMemoryException.class);
  }

  @Test
  void histogram_countsAllOfThem() throws Exception {
    Condition<LogCondition> one = new LogCondition.Contains("\u0001");
    assertThat(wait(logs.histogram(one, RANGE, 600_000_000_000L, new Cancellation())))
        .anySatisfy(bucket -> assertThat(bucket.counts().get(0)).isEqualTo(ITEMS));
  }

  @Test
  void traces_areListedCut_allOfThem() throws Exception {
    TraceQuery query = new TraceQuery(Condition.anything(), RANGE, 10, Optional.empty());
    TracePage page = wait(traces.search(query, new Cancellation()));

    assertThat(page.traces()).hasSize(ITEMS).allMatch(TraceSummary::truncated);
    assertThat(page.traces())
        .allMatch(trace -> trace.rootOperation().length() == TraceSummary.NAME_BYTES_MAX);
  }

  @Test
  void traceById_isRefused_whenItsAnswerHasNoRoom() {
    assertThatThrownBy(
            () ->
                wait(
                    traces.stream(
                        traceId(1),
                        Optional.of(RANGE),
                        1 << 19,
                        chunk -> Future.succeededFuture(),
                        new Cancellation())))
        .hasCauseInstanceOf(QueryMemoryException.class);
  }
}
