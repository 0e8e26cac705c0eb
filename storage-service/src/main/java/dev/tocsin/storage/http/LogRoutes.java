package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AnswerBytes;
import dev.tocsin.storage.ports.LogQuery;
import dev.tocsin.storage.ports.LogQuery.Direction;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.LogReader.StoredLog;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Log records: search, histogram over time, live tail. */
final class LogRoutes {
  private static final Set<String> SEARCH =
      with(LogFilterParams.NAMES, "start", "end", "limit", "direction", "cursor", "whole");
  private static final Set<String> HISTOGRAM = with(LogFilterParams.NAMES, "start", "end", "step");

  private static final List<String> DIRECTIONS = List.of("newest_first", "oldest_first");
  private static final int LIMIT_DEFAULT = 100;
  private static final int BUCKETS_DEFAULT = 60;
  private static final int BUCKETS_MAX = 2_000;
  private static final List<String> CLASSES =
      List.of("none", "trace", "debug", "info", "warn", "error", "fatal");

  private final Answers answers;
  private final LogReader logs;
  private final LogTailRoute tail;

  LogRoutes(Answers answers, LogReader logs, LogTailRoute tail) {
    this.answers = answers;
    this.logs = logs;
    this.tail = tail;
  }

  private static Set<String> with(Set<String> names, String... more) {
    Set<String> all = new HashSet<>(names);
    all.addAll(List.of(more));
    return Set.copyOf(all);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/logs", SEARCH, this::search),
        Endpoint.get("/api/v1/logs/histogram", HISTOGRAM, this::histogram),
        Endpoint.get("/api/v1/logs/tail", LogFilterParams.NAMES, tail::handle));
  }

  private void search(RoutingContext routing) {
    Params params = answers.params(routing, SEARCH);
    int direction = params.choice("direction", DIRECTIONS).orElse(0);
    LogQuery query =
        new LogQuery(
            LogFilterParams.read(params),
            params.range(),
            direction == 0 ? Direction.NEWEST_FIRST : Direction.OLDEST_FIRST,
            params.limit(LIMIT_DEFAULT),
            Cursors.log(params),
            params.flag("whole", false),
            AnswerBytes.PAGE_MAX);
    answers.respond(
        routing,
        logs.search(query, Answers.cancellation(routing)),
        page -> page.logs().stream().mapToLong(StoredLog::answerBytes).sum(),
        page -> {
          JsonObject body = new JsonObject().put("logs", LogJson.list(page.logs()));
          page.next().ifPresent(next -> body.put("next", Cursors.text(next)));
          return body;
        });
  }

  private void histogram(RoutingContext routing) {
    Params params = answers.params(routing, HISTOGRAM);
    TimeRange range = params.range();
    long length = Math.max(1, range.endNanos() - range.startNanos());
    long step =
        params
            .duration("step")
            .map(Duration::toNanos)
            .orElse(Math.max(1, length / BUCKETS_DEFAULT));
    if (step <= 0 || length / step >= BUCKETS_MAX) {
      throw Params.bad(
          "step", params.text("step"), "a duration of which at most 2000 are in the range");
    }
    answers.respond(
        routing,
        logs.histogram(LogFilterParams.read(params), range, step, Answers.cancellation(routing)),
        buckets -> {
          JsonArray list = new JsonArray();
          buckets.forEach(bucket -> list.add(bucket(bucket)));
          return new JsonObject().put("stepNanos", step).put("buckets", list);
        });
  }

  private static JsonObject bucket(LogReader.Bucket bucket) {
    JsonObject counts = new JsonObject();
    for (int i = 0; i < CLASSES.size(); i++) {
      if (bucket.counts().get(i) > 0) {
        counts.put(CLASSES.get(i), bucket.counts().get(i));
      }
    }
    return new JsonObject()
        .put("start", TraceRoutes.time(bucket.startNanos()))
        .put("counts", counts);
  }
}
