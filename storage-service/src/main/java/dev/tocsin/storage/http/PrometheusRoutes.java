package dev.tocsin.storage.http;

import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.engine.QueryResult;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.MetricReader;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Prometheus's HTTP API for queries: {@code query} and {@code query_range}. */
final class PrometheusRoutes {
  private static final Set<String> QUERY =
      Set.of("query", "time", "timeout", "limit", "lookback_delta", "stats");
  private static final Set<String> RANGE =
      Set.of("query", "start", "end", "step", "timeout", "limit", "lookback_delta", "stats");

  private final ServiceContext context;
  private final MetricReader metrics;

  PrometheusRoutes(ServiceContext context, MetricReader metrics) {
    this.context = context;
    this.metrics = metrics;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.getOrPost("/prometheus/api/v1/query", QUERY, this::query),
        Endpoint.getOrPost("/prometheus/api/v1/query_range", RANGE, this::range));
  }

  private void query(RoutingContext routing) {
    answer(
        routing,
        params ->
            metrics.instant(
                params.query(),
                params.time("time").toEpochMilli(),
                params.options(),
                Answers.cancellation(routing)));
  }

  private void range(RoutingContext routing) {
    answer(
        routing,
        params -> {
          PromParams.Steps steps = params.steps();
          Cancellation cancellation = Answers.cancellation(routing);
          return metrics.range(
              params.query(),
              steps.startMs(),
              steps.endMs(),
              steps.stepMs(),
              params.options(),
              cancellation);
        });
  }

  private void answer(RoutingContext routing, Function<PromParams, Future<QueryResult>> query) {
    PrometheusErrors.guarded(
        routing,
        () -> {
          PromParams params = new PromParams(routing.request().params(), context.clock());
          int limit = params.limit();
          return query
              .apply(params)
              .compose(
                  result ->
                      send(context.vertx(), routing.response(), new PrometheusJson(result, limit)));
        });
  }

  /**
   * Sends piece by piece, each when the one before was taken. Writing them down is computation and
   * so not for the event loop.
   */
  private static Future<Void> send(
      Vertx vertx, HttpServerResponse response, PrometheusJson answer) {
    return vertx
        .executeBlocking(answer::piece, false)
        .compose(
            (Buffer piece) -> {
              if (answer.ended()) {
                if (!response.headWritten()) {
                  response.putHeader("content-type", "application/json");
                }
                return response.end(piece);
              }
              if (!response.headWritten()) {
                response.setChunked(true).putHeader("content-type", "application/json");
              }
              return response.write(piece).compose(sent -> send(vertx, response, answer));
            });
  }
}
