package dev.tocsin.storage.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import dev.tocsin.segment.summary.ExceptionTable;
import dev.tocsin.segment.summary.LogBytes;
import dev.tocsin.segment.summary.SpanSummarizer;
import dev.tocsin.storage.keep.partition.Partitions;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.query.QueryPool;
import dev.tocsin.storage.read.service.PgServiceReader;
import dev.tocsin.storage.schema.TelemetrySchema;
import dev.tocsin.storage.write.commit.PgSegmentStore;
import dev.tocsin.testkit.Backends;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Exceptions that span events and log records tell of count once, and those of either all. */
final class ExceptionFoldIT {
  private static final Instant NOW = Instant.parse("2026-05-04T12:00:00Z");
  private static final long NANOS = TimeUnit.SECONDS.toNanos(NOW.getEpochSecond());
  private static final TimeRange RANGE = new TimeRange(NOW.minusSeconds(600), NOW.plusSeconds(600));
  private static final QueryLimits LIMITS =
      new QueryLimits(
          4, 8, Duration.ofSeconds(60), 1 << 28, 1 << 28, Duration.ofDays(9), 999, 9, 9, 1);
  private static final String STACK = "shop.App$Refused: no card\n\tat shop.Cart.add(Cart.java:7)";

  /** By topic. */
  private static final Map<String, Integer> NEXT = new HashMap<>();

  private static final Vertx VERTX = Vertx.vertx();
  private static final Postgres POSTGRES =
      new Postgres(
          VERTX, Backends.freshDatabase("folded").settings(), TelemetrySchema.migrations());
  private static final QueryPool QUERIES = new QueryPool(LIMITS, new SimpleMeterRegistry());

  private final ServiceReader services = new PgServiceReader(POSTGRES, QUERIES);
  private final PgSegmentStore store = new PgSegmentStore(POSTGRES, new Partitions(POSTGRES));
  private final List<SpanItem> spans = new ArrayList<>();
  private final List<LogItem> logs = new ArrayList<>();
  private final ExceptionTable ofLogs = new ExceptionTable();

  @BeforeAll
  static void start() throws Exception {
    wait(POSTGRES.start());
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

  private static Origin origin(String service) {
    return new Origin(
        ResourceSpans.getDefaultInstance().toByteString(),
        ScopeSpans.getDefaultInstance().toByteString(),
        service);
  }

  private static List<KeyValue> told(String type, String message, String stack) {
    List<KeyValue> pairs = new ArrayList<>();
    Map.of("exception.type", type, "exception.message", message, "exception.stacktrace", stack)
        .forEach(
            (key, value) ->
                pairs.add(
                    KeyValue.newBuilder()
                        .setKey(key)
                        .setValue(AnyValue.newBuilder().setStringValue(value))
                        .build()));
    return pairs;
  }

  private void event(String service, long span, String type, String message, String stack) {
    Span.Event event =
        Span.Event.newBuilder()
            .setName("exception")
            .addAllAttributes(told(type, message, stack))
            .build();
    spans.add(
        new SpanItem(
            origin(service),
            Span.newBuilder()
                .setTraceId(RandomSearch.id(span, 16))
                .setSpanId(RandomSearch.id(span, 8))
                .setStartTimeUnixNano(NANOS)
                .setEndTimeUnixNano(NANOS + 1)
                .addEvents(event)
                .build()));
  }

  /**
   * @param span 0 for a record outside of spans
   */
  private void log(String service, long span, String type, String message, String stack)
      throws Exception {
    LogRecord.Builder log =
        LogRecord.newBuilder().setTimeUnixNano(NANOS).addAllAttributes(told(type, message, stack));
    if (span > 0) {
      log.setTraceId(RandomSearch.id(span, 16)).setSpanId(RandomSearch.id(span, 8));
    }
    byte[] bytes = log.build().toByteArray();
    LogBytes.tell(service, bytes, 0, bytes.length, NANOS, ofLogs);
    logs.add(new LogItem(origin(service), log.build(), NANOS));
  }

  private void store() throws Exception {
    SpanSummarizer summarizer = new SpanSummarizer(InstantSource.system());
    if (!spans.isEmpty()) {
      Batch.Content content =
          new Batch.Spans(
              List.of(SpanSegments.encode(spans, summarizer)),
              List.of(),
              summarizer.drain(NEXT.getOrDefault("spans", 0)));
      commit("spans", content);
      spans.clear();
    }
    if (!logs.isEmpty()) {
      commit("logs", new Batch.Logs(List.of(LogSegments.encode(logs)), ofLogs.drain()));
      logs.clear();
    }
  }

  private void commit(String topic, Batch.Content content) throws Exception {
    int expected = NEXT.merge(topic, 1, Integer::sum) - 1;
    if (expected == 0) {
      wait(store.point(topic, 0));
    }
    assertThat(wait(store.commit(new Batch(topic, 0, expected, expected + 1, content)))).isTrue();
  }

  /** Of each type of a service; answered by one statement, and as of several databases. */
  private Map<String, Long> counted(String service) throws Exception {
    Map<String, Long> groups =
        wait(services.exceptions(Optional.of(service), RANGE, 100, new Cancellation())).stream()
            .collect(
                Collectors.toMap(
                    group -> group.type() + (group.stack().isEmpty() ? "" : "+stack"),
                    ServiceReader.ExceptionGroup::occurrences));
    long summed =
        wait(services.exceptionCounts(Optional.of(service), RANGE, new Cancellation())).stream()
            .mapToLong(ServiceReader.ExceptionCount::occurrences)
            .sum();
    assertThat(groups.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(summed);
    return groups;
  }

  @Test
  void exception_countsOnce_whenEventAndLogTellOfIt_andThoseOfEitherAll() throws Exception {
    event("cart", 1, "shop.App$Refused", "no card", STACK);
    event("cart", 2, "shop.App$Refused", "no card", STACK);
    event("cart", 3, "shop.App$Refused", "no card", STACK);
    log("cart", 3, "shop.App.Refused", "no card", STACK);
    log("cart", 4, "shop.App$Refused", "no card", STACK);
    log("cart", 5, "shop.App$Refused", "no card", STACK);
    store();
    // Flushes add up.
    log("cart", 2, "shop.App$Refused", "no card", STACK);
    store();
    assertThat(counted("cart")).isEqualTo(Map.of("shop.App.Refused+stack", 5L));
  }

  @Test
  void exception_countsOnce_whenTheLogHasNoStack() throws Exception {
    event("mail", 11, "shop.App$Refused", "no card", STACK);
    log("mail", 11, "Refused", "no card", "");
    store();
    assertThat(counted("mail")).isEqualTo(Map.of("shop.App.Refused+stack", 1L));
  }

  @Test
  void logsOutsideOfSpans_mayBeWhatEventsTell_soTheLargerNumberCounts() throws Exception {
    event("bank", 21, "shop.App$Refused", "no card", STACK);
    event("bank", 22, "shop.App$Refused", "no card", STACK);
    log("bank", 0, "shop.App$Refused", "no card", STACK);
    log("bank", 23, "shop.App$Refused", "no card", STACK);
    store();
    assertThat(counted("bank")).isEqualTo(Map.of("shop.App.Refused+stack", 3L));
  }

  @Test
  void floods_countTheLargerNumber_asMarksAreBounded() throws Exception {
    for (int span = 1_000; span < 1_150; span++) {
      event("flood", span, "shop.App$Refused", "no card", STACK);
      log("flood", span, "shop.App$Refused", "no card", STACK);
    }
    store();
    for (int span = 1_150; span < 1_300; span++) {
      event("flood", span, "shop.App$Refused", "no card", STACK);
      log("flood", span, "shop.App$Refused", "no card", STACK);
    }
    store();
    assertThat(counted("flood")).isEqualTo(Map.of("shop.App.Refused+stack", 300L));
  }
}
