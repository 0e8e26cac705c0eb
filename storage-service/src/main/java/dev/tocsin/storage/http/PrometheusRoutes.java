package dev.tocsin.storage.http;

import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.PromqlException;
import dev.tocsin.promql.QueryResult;
import dev.tocsin.storage.PromQueries;
import dev.tocsin.storage.QueryLimitException;
import dev.tocsin.storage.QueryLimits;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prometheus's HTTP API: {@code query} and {@code query_range}, GET and form POST. */
final class PrometheusRoutes {
  private static final Logger log = LoggerFactory.getLogger(PrometheusRoutes.class);
  private static final Set<String> QUERY =
      Set.of("query", "time", "timeout", "limit", "lookback_delta", "stats");
  private static final Set<String> RANGE =
      Set.of("query", "start", "end", "step", "timeout", "limit", "lookback_delta", "stats");
  private static final long POINTS_MAX = 11_000;

  private final ServiceContext context;
  private final QueryLimits limits;
  private final PromQueries queries;

  PrometheusRoutes(ServiceContext context, QueryLimits limits, PromQueries queries) {
    this.context = context;
    this.limits = limits;
    this.queries = queries;
  }

  void addTo(Router router) {
    router.get("/prometheus/api/v1/query").handler(c -> answer(c, this::query));
    router.post("/prometheus/api/v1/query").handler(c -> answer(c, this::query));
    router.get("/prometheus/api/v1/query_range").handler(c -> answer(c, this::range));
    router.post("/prometheus/api/v1/query_range").handler(c -> answer(c, this::range));
  }

  private Params params(RoutingContext routing, Set<String> known) {
    // Form fields of a POST are among the request's parameters beside those of the URL.
    return new Params(routing.request().params(), limits, context.clock(), known);
  }

  private Future<QueryResult> query(RoutingContext routing) {
    Params params = params(routing, QUERY);
    return queries.instant(text(params), params.timeOrNow("time").toEpochMilli());
  }

  private Future<QueryResult> range(RoutingContext routing) {
    Params params = params(routing, RANGE);
    long start = required(params, "start").toEpochMilli();
    long end = required(params, "end").toEpochMilli();
    long step = params.stepMs("step");
    if (end < start) {
      throw Params.bad("end", params.text("end"), "not before start");
    }
    if ((end - start) / step >= POINTS_MAX) {
      throw Params.bad("step", params.text("step"), "at most " + POINTS_MAX + " points a series");
    }
    return queries.range(text(params), start, end, step);
  }

  private static Instant required(Params params, String name) {
    return params
        .time(name)
        .orElseThrow(() -> Params.bad(name, "", "a time such as 2026-11-23T10:00:00Z"));
  }

  private static String text(Params params) {
    String query = params.text("query");
    if (query.isBlank()) {
      throw Params.bad("query", query, "a PromQL expression");
    }
    return query;
  }

  /** Large answers take a while to write down, so not on the event loop. */
  private void answer(RoutingContext routing, Function<RoutingContext, Future<QueryResult>> query) {
    Future<QueryResult> result;
    try {
      result = query.apply(routing);
    } catch (ProblemException e) {
      result = Future.failedFuture(e);
    }
    result
        .compose(found -> context.vertx().executeBlocking(() -> success(found).toBuffer(), false))
        .onSuccess(
            body -> routing.response().putHeader("content-type", "application/json").end(body))
        .onFailure(failure -> fail(routing, failure));
  }

  private static JsonObject success(QueryResult result) {
    JsonObject body =
        new JsonObject().put("status", "success").put("data", PrometheusJson.of(result.value()));
    if (!result.warnings().isEmpty()) {
      body.put("warnings", new JsonArray(result.warnings()));
    }
    if (!result.infos().isEmpty()) {
      body.put("infos", new JsonArray(result.infos()));
    }
    return body;
  }

  private static void fail(RoutingContext routing, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof ProblemException problem) {
      error(routing, problem.problem().status(), "bad_data", message);
    } else if (failure instanceof PromqlException promql) {
      switch (promql.kind()) {
        case PARSE -> error(routing, 400, "bad_data", message);
        case EXECUTION, LIMIT -> error(routing, 422, "execution", message);
        case TIMEOUT -> error(routing, 503, "timeout", message);
        case CANCELED -> error(routing, 503, "canceled", message);
      }
    } else if (failure instanceof QueryLimitException) {
      error(routing, 503, "timeout", message);
    } else if (Postgres.isAway(failure)) {
      error(routing, 503, "unavailable", StorageRoutes.DATABASE_AWAY);
    } else {
      log.error("PromQL query failed", failure);
      error(routing, 500, "internal", "the service log has the cause");
    }
  }

  private static void error(RoutingContext routing, int status, String type, String message) {
    JsonObject body =
        new JsonObject().put("status", "error").put("errorType", type).put("error", message);
    ServiceHttp.sendJson(routing, status, body);
  }
}
