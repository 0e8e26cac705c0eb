package dev.tocsin.storage.benchmark;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.AttributeTest;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.LogCondition;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.service.PgStorage;
import dev.tocsin.testkit.corpus.MetricCorpus;
import dev.tocsin.testkit.corpus.SpanCorpus;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Times queries through the read ports, one at a time, after a few to warm up. */
final class Queries {
  private static final int WARM_UP = 40;
  private static final int ROUNDS = 40;

  private static final MetricReader.Options NONE = MetricReader.Options.NONE;

  private final PgStorage storage;
  private final Instant end;

  Queries(PgStorage storage, Instant end) {
    this.storage = storage;
    this.end = end;
  }

  void spans(List<ByteString> traceIds) throws Exception {
    String hot = SpanCorpus.services().get(0);
    String rare = SpanCorpus.services().get(SpanCorpus.services().size() - 1);
    time(
        "trace by id",
        i ->
            storage
                .traces()
                .trace(traceIds.get(i * 7 % traceIds.size()), Optional.empty(), new Cancellation())
                .map(trace -> trace.getResourceSpansCount()));
    time(
        "hot service, > 300 ms, status=500, newest 20", search(hot, 300, Map.of(STATUS, "500"), 6));
    time("rare service, > 100 ms, newest 20", search(rare, 100, Map.of(), 6));
    time("rare service, newest 20", search(rare, 0, Map.of(), 6));
    time("user.id = X, last hour", i -> find("", 0, Map.of("user.id", user(i)), 1));
    time("user.id = X, 6 h", i -> find("", 0, Map.of("user.id", user(i)), 6));
    time("status=503, any service, newest 20", search("", 0, Map.of(STATUS, "503"), 6));
  }

  private static final String STATUS = "http.response.status_code";

  private static String user(int i) {
    return "u-%06d".formatted(50_000 + i * 997 % 50_000);
  }

  private IntFunction<Future<Integer>> search(
      String service, long millis, Map<String, String> attributes, int hours) {
    return i -> find(service, millis, attributes, hours);
  }

  private Future<Integer> find(
      String service, long millis, Map<String, String> attributes, int hours) {
    List<Condition<SpanCondition>> parts = new ArrayList<>();
    if (!service.isEmpty()) {
      parts.add(new SpanCondition.Service(service));
    }
    if (millis > 0) {
      parts.add(new SpanCondition.Duration(TimeUnit.MILLISECONDS.toNanos(millis), Long.MAX_VALUE));
    }
    attributes.forEach(
        (key, value) ->
            parts.add(
                new SpanCondition.Attribute(
                    AttributeTest.equal(AttributeScope.ITEM_OR_RESOURCE, key, value))));
    return storage
        .traces()
        .search(
            new TraceQuery(
                new Condition.All<>(parts),
                new TimeRange(end.minus(Duration.ofHours(hours)), end),
                20,
                Optional.empty()),
            new Cancellation())
        .map(page -> page.traces().size());
  }

  void logs() throws Exception {
    time("log: a word of one line, 6 h", i -> lines("%06d".formatted(90_000 + i * 37), "", 20));
    time("log: rare phrase, newest 100", i -> lines("quorum lost", "", 100));
    time("log: frequent phrase, newest 100", i -> lines("cache miss for key", "", 100));
    time(
        "log: rare service, newest 100",
        i -> lines("", SpanCorpus.services().get(SpanCorpus.services().size() - 1), 100));
  }

  private Future<Integer> lines(String text, String service, int limit) {
    TimeRange range = new TimeRange(end.minus(Duration.ofHours(6)), end);
    List<Condition<LogCondition>> parts = new ArrayList<>();
    if (!text.isEmpty()) {
      parts.add(new LogCondition.Phrase(text));
    }
    if (!service.isEmpty()) {
      parts.add(new LogCondition.Service(service));
    }
    return storage
        .logs()
        .search(
            new LogQuery(
                new Condition.All<>(parts),
                range,
                LogQuery.Direction.NEWEST_FIRST,
                limit,
                Optional.empty()),
            new Cancellation())
        .map(page -> page.logs().size());
  }

  void metrics(Instant start) throws Exception {
    String rate = "rate(" + MetricCorpus.COUNTER + "[5m])";
    Instant from =
        start.isAfter(end.minus(Duration.ofHours(6))) ? start : end.minus(Duration.ofHours(6));
    time(
        "rate(m[5m]), 1,000 series, " + Duration.between(from, end).toMinutes() + " min, step 60 s",
        i ->
            storage
                .metrics()
                .range(
                    rate, from.toEpochMilli(), end.toEpochMilli(), 60_000, NONE, new Cancellation())
                .map(Queries::size));
    time(
        "sum(rate(m[5m])) now",
        i ->
            storage
                .metrics()
                .instant("sum(" + rate + ")", end.toEpochMilli(), NONE, new Cancellation())
                .map(Queries::size));
  }

  private static int size(dev.tocsin.promql.engine.QueryResult result) {
    return result.value() instanceof dev.tocsin.promql.series.Value.Matrix matrix
        ? matrix.series().size()
        : 1;
  }

  static void time(String what, IntFunction<Future<Integer>> query) throws Exception {
    double[] millis = new double[ROUNDS];
    long found = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
      long began = System.nanoTime();
      int size =
          query
              .apply(i + WARM_UP)
              .toCompletionStage()
              .toCompletableFuture()
              .get(120, TimeUnit.SECONDS);
      if (i >= 0) {
        millis[i] = (System.nanoTime() - began) / 1e6;
        found += size;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        "  %-52s p50 %8.1f ms  max %8.1f ms  (%.1f found)%n",
        what, millis[ROUNDS / 2], millis[ROUNDS - 1], (double) found / ROUNDS);
  }
}
