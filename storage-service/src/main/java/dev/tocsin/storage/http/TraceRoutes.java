package dev.tocsin.storage.http;

import com.google.protobuf.ByteString;
import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.storage.ports.Condition;
import dev.tocsin.storage.ports.SpanCondition;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TracePage;
import dev.tocsin.storage.ports.TraceQuery;
import dev.tocsin.storage.ports.TraceReader;
import dev.tocsin.storage.ports.TraceSummary;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Traces: by id, and search. */
final class TraceRoutes {
  static final List<String> STATUSES = List.of("unset", "ok", "error");
  static final List<String> KINDS =
      List.of("unspecified", "internal", "server", "client", "producer", "consumer");

  private static final Set<String> TRACE = Set.of("start", "end", "logs");
  private static final Set<String> SEARCH =
      Set.of(
          "service",
          "operation",
          "kind",
          "status",
          "attribute",
          "min_duration",
          "max_duration",
          "root",
          "start",
          "end",
          "limit",
          "cursor");
  private static final int LIMIT_DEFAULT = 20;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final Answers answers;
  private final TraceReader traces;
  private final TraceStream stream;

  TraceRoutes(Answers answers, TraceReader traces, TraceStream stream) {
    this.answers = answers;
    this.traces = traces;
    this.stream = stream;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/traces/{traceId}", TRACE, this::trace),
        Endpoint.get("/api/v1/traces", SEARCH, this::search));
  }

  private void trace(RoutingContext routing) {
    Params params = answers.params(routing, TRACE);
    ByteString traceId = traceId("traceId", routing.pathParam("traceId"));
    Optional<TimeRange> around =
        params.time("start").isPresent() || params.time("end").isPresent()
            ? Optional.of(params.range())
            : Optional.empty();
    stream.send(routing, traceId, around, params.flag("logs", true));
  }

  static ByteString traceId(String name, String text) {
    return id(name, text, 32);
  }

  static ByteString id(String name, String text, int digits) {
    if (text.length() == digits && text.chars().allMatch(HexFormat::isHexDigit)) {
      return ByteString.copyFrom(HexFormat.of().parseHex(text));
    }
    throw Params.bad(name, text, digits + " hexadecimal digits");
  }

  private void search(RoutingContext routing) {
    Params params = answers.params(routing, SEARCH);
    TraceQuery query =
        new TraceQuery(
            condition(params), params.range(), params.limit(LIMIT_DEFAULT), Cursors.trace(params));
    answers.respond(
        routing,
        traces.search(query, Answers.cancellation(routing)),
        page -> page.traces().stream().mapToLong(TraceSummary::answerBytes).sum(),
        TraceRoutes::page);
  }

  private static Condition<SpanCondition> condition(Params params) {
    List<Condition<SpanCondition>> parts = new ArrayList<>();
    String service = params.text("service");
    if (!service.isEmpty()) {
      parts.add(new SpanCondition.Service(service));
    }
    String operation = params.text("operation");
    if (!operation.isEmpty()) {
      parts.add(new SpanCondition.Operation(operation));
    }
    params.choice("kind", KINDS).ifPresent(kind -> parts.add(new SpanCondition.Kind(kind)));
    params
        .choice("status", STATUSES)
        .ifPresent(status -> parts.add(new SpanCondition.Status(status)));
    long min = params.duration("min_duration").map(d -> d.toNanos()).orElse(Long.MIN_VALUE);
    long max = params.duration("max_duration").map(d -> d.toNanos()).orElse(Long.MAX_VALUE);
    if (min != Long.MIN_VALUE || max != Long.MAX_VALUE) {
      parts.add(new SpanCondition.Duration(min, max));
    }
    if (params.flag("root", false)) {
      parts.add(new SpanCondition.Root());
    }
    parts.addAll(
        AttributeParams.read(
            params,
            SpanCondition.Attribute::new,
            test -> new Condition.Not<>(new SpanCondition.Attribute(test))));
    return new Condition.All<>(parts);
  }

  private static JsonObject page(TracePage page) {
    JsonArray list = new JsonArray();
    page.traces().forEach(trace -> list.add(summary(trace)));
    JsonObject body = new JsonObject().put("traces", list);
    if (page.partial()) {
      body.put("partial", true);
    }
    page.next().ifPresent(next -> body.put("next", Cursors.text(next)));
    return body;
  }

  private static JsonObject summary(TraceSummary trace) {
    JsonObject json =
        new JsonObject()
            .put("traceId", OtlpJson.hex(trace.traceId()))
            .put("rootService", trace.rootService())
            .put("rootOperation", trace.rootOperation())
            .put("start", time(trace.startNanos()))
            .put("startTimeUnixNano", Long.toString(trace.startNanos()))
            .put("durationNanos", trace.durationNanos())
            .put("spanCount", trace.spanCount())
            .put("errorCount", trace.errorCount())
            .put("services", new JsonArray(trace.services()));
    if (trace.partial()) {
      json.put("partial", true);
    }
    return trace.truncated() ? json.put("truncated", true) : json;
  }

  static String time(long nanos) {
    return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND).toString();
  }
}
