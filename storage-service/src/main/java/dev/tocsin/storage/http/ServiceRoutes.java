package dev.tocsin.storage.http;

import dev.tocsin.otlp.json.OtlpJson;
import dev.tocsin.storage.ports.CountedKinds;
import dev.tocsin.storage.ports.Measures;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TimeRange;
import dev.tocsin.storage.ports.TraceReader;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Services: names, operations, rates, the map, exceptions. */
final class ServiceRoutes {
  private static final Set<String> RANGE = Set.of("start", "end");
  private static final Set<String> OPERATIONS = Set.of("kind");
  private static final Set<String> RED = Set.of("start", "end", "kind");
  private static final Set<String> OVER_TIME = Set.of("start", "end", "operation", "kind", "step");
  private static final Set<String> EXCEPTIONS = Set.of("start", "end", "service", "limit");
  private static final int EXCEPTIONS_DEFAULT = 50;
  private static final int POINTS_DEFAULT = 60;

  private static final double NANOS_PER_SECOND = 1e9;

  private final Answers answers;
  private final TraceReader traces;
  private final ServiceReader services;

  ServiceRoutes(Answers answers, TraceReader traces, ServiceReader services) {
    this.answers = answers;
    this.traces = traces;
    this.services = services;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/services", Set.of(), this::names),
        Endpoint.get("/api/v1/services/red", RED, this::red),
        Endpoint.get("/api/v1/services/{service}/operations", OPERATIONS, this::operations),
        Endpoint.get("/api/v1/services/{service}/red", RED, this::operationRed),
        Endpoint.get("/api/v1/services/{service}/over-time", OVER_TIME, this::overTime),
        Endpoint.get("/api/v1/service-map", RANGE, this::map),
        Endpoint.get("/api/v1/exceptions", EXCEPTIONS, this::exceptions));
  }

  private void names(RoutingContext routing) {
    answers.params(routing, Set.of());
    answers.respond(
        routing,
        traces.services(),
        names -> new JsonObject().put("services", new JsonArray(names)));
  }

  private void operations(RoutingContext routing) {
    Params params = answers.params(routing, OPERATIONS);
    answers.respond(
        routing,
        traces.operations(routing.pathParam("service"), params.choice("kind", TraceRoutes.KINDS)),
        operations -> {
          JsonArray list = new JsonArray();
          for (TraceReader.Operation operation : operations) {
            list.add(
                new JsonObject().put("name", operation.name()).put("kind", kind(operation.kind())));
          }
          return new JsonObject().put("operations", list);
        });
  }

  private static String kind(int kind) {
    return TraceRoutes.KINDS.get(kind >= 0 && kind < TraceRoutes.KINDS.size() ? kind : 0);
  }

  private void red(RoutingContext routing) {
    Params params = answers.params(routing, RED);
    answers.respond(
        routing,
        services.services(params.range(), kinds(params), Answers.cancellation(routing)),
        found -> {
          JsonArray list = new JsonArray();
          found.forEach(
              red ->
                  list.add(
                      new JsonObject()
                          .put("service", red.service())
                          .mergeIn(measures(red.measures()))
                          .put("otherSpans", red.measures().otherSpans())));
          return new JsonObject().put("services", list);
        });
  }

  private void operationRed(RoutingContext routing) {
    Params params = answers.params(routing, RED);
    answers.respond(
        routing,
        services.operations(
            routing.pathParam("service"),
            params.range(),
            kinds(params),
            Answers.cancellation(routing)),
        found -> {
          JsonArray list = new JsonArray();
          long others = 0;
          for (ServiceReader.Red red : found) {
            others += red.measures().otherSpans();
            if (red.kind() != ServiceReader.OTHER_KINDS) {
              list.add(
                  new JsonObject()
                      .put("name", red.operation())
                      .put("kind", kind(red.kind()))
                      .mergeIn(measures(red.measures())));
            }
          }
          return new JsonObject().put("operations", list).put("otherSpans", others);
        });
  }

  /** Requests, when nothing else is asked for. */
  private static CountedKinds kinds(Params params) {
    String asked = params.text("kind");
    if (asked.isEmpty()) {
      return CountedKinds.REQUESTS;
    }
    if (asked.equalsIgnoreCase("all")) {
      return CountedKinds.ALL;
    }
    Set<Integer> codes = new HashSet<>();
    for (String name : asked.split(",", -1)) {
      int code = TraceRoutes.KINDS.indexOf(name.strip().toLowerCase(Locale.ROOT));
      if (code <= 0) {
        throw Params.bad(
            "kind",
            asked,
            "all, or some of internal, server, client, producer, consumer with commas between");
      }
      codes.add(code);
    }
    return new CountedKinds(codes);
  }

  private static JsonObject measures(Measures measures) {
    return new JsonObject()
        .put("calls", measures.calls())
        .put("errors", measures.errors())
        .put("callsPerSecond", measures.callsPerSecond())
        .put("errorRatio", measures.errorRatio())
        .put("meanSeconds", measures.meanSeconds())
        .put("p50Seconds", measures.p50Seconds())
        .put("p95Seconds", measures.p95Seconds())
        .put("p99Seconds", measures.p99Seconds())
        .put("meanNanos", nanos(measures.meanSeconds()))
        .put("p50Nanos", nanos(measures.p50Seconds()))
        .put("p95Nanos", nanos(measures.p95Seconds()))
        .put("p99Nanos", nanos(measures.p99Seconds()));
  }

  /** What lasts is told in nanoseconds everywhere; seconds came before and stay beside. */
  private static long nanos(double seconds) {
    return Math.round(seconds * NANOS_PER_SECOND);
  }

  private void overTime(RoutingContext routing) {
    Params params = answers.params(routing, OVER_TIME);
    TimeRange range = params.range();
    long rangeMinutes = Duration.between(range.start(), range.end()).toMinutes();
    long minutes =
        params
            .duration("step")
            .map(Duration::toMinutes)
            .orElse(Math.max(1, rangeMinutes / POINTS_DEFAULT));
    if (minutes < 1 || minutes > Duration.ofDays(366).toMinutes()) {
      throw Params.bad("step", params.text("step"), "a duration from 1m to 366d");
    }
    String operation = params.text("operation");
    answers.respond(
        routing,
        services.overTime(
            routing.pathParam("service"),
            operation.isEmpty() ? Optional.empty() : Optional.of(operation),
            range,
            kinds(params),
            (int) minutes,
            Answers.cancellation(routing)),
        points -> {
          JsonArray list = new JsonArray();
          long others = 0;
          for (ServiceReader.RedPoint point : points) {
            others += point.measures().otherSpans();
            if (point.measures().calls() > 0) {
              list.add(
                  new JsonObject()
                      .put("time", point.time().toString())
                      .mergeIn(measures(point.measures())));
            }
          }
          return new JsonObject()
              .put("stepMinutes", minutes)
              .put("stepNanos", Duration.ofMinutes(minutes).toNanos())
              .put("points", list)
              .put("otherSpans", others);
        });
  }

  private void map(RoutingContext routing) {
    TimeRange range = answers.params(routing, RANGE).range();
    answers.respond(
        routing,
        services.map(range, Answers.cancellation(routing)),
        edges -> {
          JsonArray list = new JsonArray();
          for (ServiceReader.Edge edge : edges) {
            list.add(
                new JsonObject()
                    .put("client", edge.client())
                    .put("server", edge.server())
                    .put("connectionType", edge.connectionType())
                    .put("calls", edge.calls())
                    .put("failed", edge.failed())
                    .put("callsPerSecond", edge.callsPerSecond())
                    .put("clientMeanSeconds", edge.clientMeanSeconds())
                    .put("serverMeanSeconds", edge.serverMeanSeconds())
                    .put("clientMeanNanos", nanos(edge.clientMeanSeconds()))
                    .put("serverMeanNanos", nanos(edge.serverMeanSeconds())));
          }
          return new JsonObject().put("edges", list);
        });
  }

  private void exceptions(RoutingContext routing) {
    Params params = answers.params(routing, EXCEPTIONS);
    String service = params.text("service");
    answers.respond(
        routing,
        services.exceptions(
            service.isEmpty() ? Optional.empty() : Optional.of(service),
            params.range(),
            params.limit(EXCEPTIONS_DEFAULT),
            Answers.cancellation(routing)),
        groups -> {
          JsonArray list = new JsonArray();
          groups.forEach(group -> list.add(exception(group)));
          return new JsonObject().put("exceptions", list);
        });
  }

  private static JsonObject exception(ServiceReader.ExceptionGroup group) {
    JsonObject json =
        new JsonObject()
            .put("fingerprint", Long.toHexString(group.fingerprint()))
            .put("service", group.service())
            .put("type", group.type())
            .put("occurrences", group.occurrences())
            .put("firstSeen", group.firstSeen().toString())
            .put("lastSeen", group.lastSeen().toString())
            .put("message", group.message())
            .put("stack", group.stack());
    return group.traceId().isEmpty() ? json : json.put("traceId", OtlpJson.hex(group.traceId()));
  }
}
