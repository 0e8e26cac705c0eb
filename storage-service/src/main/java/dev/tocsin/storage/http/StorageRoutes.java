package dev.tocsin.storage.http;

import com.google.protobuf.ByteString;
import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.LogQuery;
import dev.tocsin.storage.LogReader;
import dev.tocsin.storage.PromQueries;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.QueryLimits;
import dev.tocsin.storage.TraceQuery;
import dev.tocsin.storage.TraceReader;
import dev.tocsin.storage.TraceSummary;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The routes of the read API. */
public final class StorageRoutes {
  static final String DATABASE_AWAY = "the database cannot be reached; try again";

  private static final List<String> STATUSES = List.of("unset", "ok", "error");
  private static final List<String> KINDS =
      List.of("unspecified", "internal", "server", "client", "producer", "consumer");
  private static final int SEVERITIES = 24;
  private static final int TEXT_CHARS_MAX = 1_000;
  private static final int TRACES_DEFAULT = 20;
  private static final int LOGS_DEFAULT = 100;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final ServiceContext context;
  private final QueryLimits limits;
  private final TraceReader traces;
  private final LogReader logs;
  private final PrometheusRoutes prometheus;

  public StorageRoutes(
      ServiceContext context,
      QueryLimits limits,
      TraceReader traces,
      LogReader logs,
      PromQueries queries) {
    this.context = context;
    this.limits = limits;
    this.traces = traces;
    this.logs = logs;
    this.prometheus = new PrometheusRoutes(context, limits, queries);
  }

  public void addTo(Router router) {
    router.get("/api/v1/traces/:traceId").handler(this::trace);
    router.get("/api/v1/traces").handler(this::searchTraces);
    router.get("/api/v1/logs").handler(this::searchLogs);
    router.get("/api/v1/services").handler(this::services);
    router.get("/api/v1/services/:service/operations").handler(this::operations);
    prometheus.addTo(router);
  }

  private Params params(RoutingContext routing, Set<String> known) {
    return new Params(routing.queryParams(), limits, context.clock(), known);
  }

  private void trace(RoutingContext routing) {
    ByteString traceId = traceId("traceId", routing.pathParam("traceId"));
    respond(
        routing,
        traces
            .trace(traceId)
            .compose(
                found -> {
                  if (found.getResourceSpansCount() == 0) {
                    String detail = "no trace " + OtlpJson.hex(traceId) + " is stored";
                    return Future.failedFuture(new ProblemException(Problem.notFound(detail)));
                  }
                  return encode(() -> OtlpJson.of(found));
                }));
  }

  private static ByteString traceId(String name, String text) {
    if (text.length() == 32 && text.chars().allMatch(HexFormat::isHexDigit)) {
      return ByteString.copyFrom(HexFormat.of().parseHex(text));
    }
    throw Params.bad(name, text, "32 hexadecimal digits");
  }

  private void searchTraces(RoutingContext routing) {
    Params params =
        params(
            routing,
            Set.of(
                "service",
                "operation",
                "kind",
                "status",
                "attribute",
                "min_duration",
                "max_duration",
                "start",
                "end",
                "limit"));
    TraceQuery query =
        new TraceQuery(
            params.text("service"),
            params.text("operation"),
            params.choice("kind", KINDS),
            params.choice("status", STATUSES),
            attributes(params),
            params.duration("min_duration"),
            params.duration("max_duration"),
            params.range(),
            params.limit(TRACES_DEFAULT));
    respond(
        routing,
        traces
            .search(query)
            .compose(
                found ->
                    encode(
                        () -> {
                          JsonArray list = new JsonArray();
                          found.forEach(trace -> list.add(summary(trace)));
                          return new JsonObject().put("traces", list);
                        })));
  }

  private static Map<String, String> attributes(Params params) {
    Map<String, String> attributes = new TreeMap<>();
    for (String pair : params.texts("attribute")) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw Params.bad("attribute", pair, "key=value");
      }
      attributes.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return attributes;
  }

  private static JsonObject summary(TraceSummary trace) {
    return new JsonObject()
        .put("traceId", OtlpJson.hex(trace.traceId()))
        .put("rootService", trace.rootService())
        .put("rootOperation", trace.rootOperation())
        .put("start", time(trace.startNanos()))
        .put("startTimeUnixNano", Long.toString(trace.startNanos()))
        .put("durationNanos", trace.durationNanos())
        .put("spanCount", trace.spanCount())
        .put("errorCount", trace.errorCount())
        .put("services", new JsonArray(trace.services()));
  }

  private static String time(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND).toString();
  }

  private void searchLogs(RoutingContext routing) {
    Params params =
        params(routing, Set.of("q", "service", "severity", "trace_id", "start", "end", "limit"));
    String text = params.text("q");
    if (text.length() > TEXT_CHARS_MAX) {
      throw Params.bad("q", text, "at most " + TEXT_CHARS_MAX + " characters");
    }
    String traceId = params.text("trace_id");
    LogQuery query =
        new LogQuery(
            text,
            params.text("service"),
            severity(params),
            traceId.isEmpty() ? ByteString.EMPTY : traceId("trace_id", traceId),
            params.range(),
            params.limit(LOGS_DEFAULT));
    respond(
        routing,
        logs.search(query)
            .compose(
                found ->
                    encode(
                        () -> {
                          JsonArray list = new JsonArray();
                          found.forEach(log -> list.add(log(log)));
                          return new JsonObject().put("logs", list);
                        })));
  }

  private static int severity(Params params) {
    String value = params.text("severity");
    if (value.isEmpty()) {
      return 0;
    }
    int named =
        List.of("trace", "debug", "info", "warn", "error", "fatal")
            .indexOf(value.toLowerCase(java.util.Locale.ROOT));
    if (named >= 0) {
      return 1 + 4 * named;
    }
    if (value.matches("\\d{1,2}")) {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= SEVERITIES) {
        return number;
      }
    }
    throw Params.bad(
        "severity", value, "trace, debug, info, warn, error, fatal or 1-" + SEVERITIES);
  }

  private static JsonObject log(LogReader.StoredLog log) {
    return new JsonObject()
        .put("time", time(log.nanos()))
        .put("timeUnixNano", Long.toString(log.nanos()))
        .put("service", log.service())
        .put("text", log.text())
        .put("logRecord", OtlpJson.of(log.log()))
        .put("resource", OtlpJson.of(log.resource().getResource()))
        .put("resourceSchemaUrl", log.resource().getSchemaUrl())
        .put("scope", OtlpJson.of(log.scope().getScope()))
        .put("scopeSchemaUrl", log.scope().getSchemaUrl());
  }

  private void services(RoutingContext routing) {
    params(routing, Set.of());
    respond(
        routing,
        traces
            .services()
            .map(names -> new JsonObject().put("services", new JsonArray(names)).toBuffer()));
  }

  private void operations(RoutingContext routing) {
    params(routing, Set.of());
    respond(
        routing,
        traces
            .operations(routing.pathParam("service"))
            .map(
                operations -> {
                  JsonArray list = new JsonArray();
                  for (TraceReader.Operation operation : operations) {
                    boolean known = operation.kind() >= 0 && operation.kind() < KINDS.size();
                    list.add(
                        new JsonObject()
                            .put("name", operation.name())
                            .put("kind", KINDS.get(known ? operation.kind() : 0)));
                  }
                  return new JsonObject().put("operations", list).toBuffer();
                }));
  }

  /** Large answers take a while to write down, so not on the event loop. */
  private Future<Buffer> encode(Supplier<JsonObject> answer) {
    return context.vertx().executeBlocking(() -> answer.get().toBuffer(), false);
  }

  private static void respond(RoutingContext routing, Future<Buffer> answer) {
    answer
        .onSuccess(
            body -> routing.response().putHeader("content-type", "application/json").end(body))
        .onFailure(failure -> routing.fail(classified(failure)));
  }

  private static Throwable classified(Throwable failure) {
    if (Postgres.isAway(failure)) {
      return new ProblemException(Problem.unavailable(DATABASE_AWAY));
    }
    if (!(failure instanceof QueryLimitException limit)) {
      return failure;
    }
    String detail = String.valueOf(limit.getMessage());
    return new ProblemException(
        switch (limit.kind()) {
          case TOO_MUCH -> new Problem(422, "Query Too Large", detail);
          case TIMEOUT -> new Problem(504, "Query Timeout", detail);
          case BUSY -> Problem.unavailable(detail);
        });
  }
}
