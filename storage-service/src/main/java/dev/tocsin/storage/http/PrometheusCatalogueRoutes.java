package dev.tocsin.storage.http;

import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.promql.PromqlParser;
import dev.tocsin.promql.PromqlPrinter;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.MetricReader.Found;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Prometheus's HTTP API about series: catalogue, metadata, exemplars, status. */
final class PrometheusCatalogueRoutes {
  private static final String ROOT = "/prometheus/api/v1/";
  private static final Set<String> MATCH = Set.of("match[]", "start", "end", "limit");
  private static final Set<String> METADATA = Set.of("metric", "limit", "limit_per_metric");
  private static final Set<String> EXEMPLARS = Set.of("query", "start", "end");

  private static final JsonArray TRUNCATED = new JsonArray().add("results truncated due to limit");
  private static final int PER_METRIC_MAX = 100;

  /** What Grafana and others take for a Prometheus of that generation. */
  private static final String LIKE_VERSION = "3.14.0";

  private final ServiceContext context;
  private final MetricReader metrics;
  private final int rowsMax;

  /**
   * @param rowsMax most items where the request gives no limit
   */
  PrometheusCatalogueRoutes(ServiceContext context, MetricReader metrics, int rowsMax) {
    this.context = context;
    this.metrics = metrics;
    this.rowsMax = rowsMax;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.getOrPost(ROOT + "series", MATCH, this::series),
        Endpoint.getOrPost(ROOT + "labels", MATCH, this::labels),
        Endpoint.get(ROOT + "label/{name}/values", MATCH, this::labelValues),
        Endpoint.get(ROOT + "metadata", METADATA, this::metadata),
        Endpoint.getOrPost(ROOT + "query_exemplars", EXEMPLARS, this::exemplars),
        Endpoint.getOrPost(ROOT + "format_query", Set.of("query"), this::formatQuery),
        Endpoint.get(
            ROOT + "rules",
            Set.of(),
            routing -> constant(routing, new JsonObject().put("groups", new JsonArray()))),
        Endpoint.get(
            ROOT + "alerts",
            Set.of(),
            routing -> constant(routing, new JsonObject().put("alerts", new JsonArray()))),
        Endpoint.get(
            ROOT + "status/buildinfo", Set.of(), routing -> constant(routing, buildInfo())));
  }

  private static JsonObject buildInfo() {
    return new JsonObject()
        .put("version", LIKE_VERSION)
        .put("revision", "tocsin")
        .put("branch", "tocsin")
        .put("buildUser", "")
        .put("buildDate", "")
        .put("goVersion", "")
        .put("features", new JsonObject());
  }

  private void constant(RoutingContext routing, Object data) {
    answer(routing, params -> Future.succeededFuture(success(data)));
  }

  private static JsonObject success(Object data) {
    return new JsonObject().put("status", "success").put("data", data);
  }

  private void answer(RoutingContext routing, Function<PromParams, Future<JsonObject>> body) {
    PrometheusErrors.guarded(
        routing,
        () ->
            body.apply(new PromParams(routing.request().params(), context.clock()))
                .compose(json -> context.vertx().executeBlocking(json::toBuffer, false))
                .compose(
                    buffer ->
                        routing
                            .response()
                            .putHeader("content-type", "application/json")
                            .end(buffer)));
  }

  /** Looks into the catalogue; a limit that held something back is a warning. */
  private <T> void look(
      RoutingContext routing,
      BiFunction<PromParams, Integer, Future<Found<T>>> look,
      Function<T, Object> json) {
    answer(
        routing,
        params -> {
          int limit = params.limit();
          int most = limit == 0 ? rowsMax : Math.min(limit, rowsMax);
          return look.apply(params, most)
              .map(
                  found -> {
                    JsonArray data = new JsonArray();
                    found.items().forEach(item -> data.add(json.apply(item)));
                    JsonObject body = success(data);
                    return found.truncated() ? body.put("warnings", TRUNCATED.copy()) : body;
                  });
        });
  }

  private void series(RoutingContext routing) {
    Cancellation cancellation = Answers.cancellation(routing);
    look(
        routing,
        (params, limit) -> {
          if (params.selectors().isEmpty()) {
            throw new PromParams.BadData("no match[] parameter provided");
          }
          return metrics.series(params.selectors(), params.range(), limit, cancellation);
        },
        PrometheusCatalogueRoutes::labels);
  }

  private static JsonObject labels(Labels labels) {
    JsonObject json = new JsonObject();
    labels.forEach(json::put);
    return json;
  }

  private void labels(RoutingContext routing) {
    Cancellation cancellation = Answers.cancellation(routing);
    look(
        routing,
        (params, limit) ->
            metrics.labelNames(params.selectors(), params.range(), limit, cancellation),
        name -> name);
  }

  private void labelValues(RoutingContext routing) {
    String name = routing.pathParam("name");
    Cancellation cancellation = Answers.cancellation(routing);
    look(
        routing,
        (params, limit) -> {
          if (!name.matches("[a-zA-Z_][a-zA-Z0-9_]*")) {
            throw new PromParams.BadData("invalid label name: \"" + name + "\"");
          }
          return metrics.labelValues(name, params.selectors(), params.range(), limit, cancellation);
        },
        value -> value);
  }

  private void metadata(RoutingContext routing) {
    Cancellation cancellation = Answers.cancellation(routing);
    answer(
        routing,
        params -> {
          int perMetric = params.atMost("limit_per_metric", PER_METRIC_MAX);
          return metrics
              .metadata(params.text("metric"), params.atMost("limit", rowsMax), cancellation)
              // As Prometheus has it: 0 metrics are none, but 0 of a metric are all.
              .map(found -> success(metadata(found, perMetric == 0 ? PER_METRIC_MAX : perMetric)));
        });
  }

  private static JsonObject metadata(
      Map<String, List<MetricReader.Metadata>> found, int perMetric) {
    JsonObject data = new JsonObject();
    found.forEach(
        (name, all) -> {
          JsonArray list = new JsonArray();
          for (MetricReader.Metadata one : all.subList(0, Math.min(all.size(), perMetric))) {
            list.add(
                new JsonObject()
                    .put("type", one.type())
                    .put("help", one.help())
                    .put("unit", one.unit()));
          }
          data.put(name, list);
        });
    return data;
  }

  private void exemplars(RoutingContext routing) {
    Cancellation cancellation = Answers.cancellation(routing);
    answer(
        routing,
        params ->
            metrics
                .exemplars(params.query(), params.range(), rowsMax + 1, cancellation)
                .map(
                    found -> {
                      JsonObject body = success(exemplars(found));
                      int count = found.stream().mapToInt(each -> each.exemplars().size()).sum();
                      return count > rowsMax ? body.put("warnings", TRUNCATED.copy()) : body;
                    }));
  }

  private static JsonArray exemplars(List<MetricReader.ExemplarSeries> found) {
    JsonArray data = new JsonArray();
    for (MetricReader.ExemplarSeries series : found) {
      JsonArray list = new JsonArray();
      for (MetricReader.Exemplar exemplar : series.exemplars()) {
        list.add(
            new JsonObject()
                .put("labels", labels(exemplar.labels()))
                .put("value", PrometheusJson.number(exemplar.value()))
                .put("timestamp", BigDecimal.valueOf(exemplar.timestampMs(), 3)));
      }
      data.add(
          new JsonObject().put("seriesLabels", labels(series.series())).put("exemplars", list));
    }
    return data;
  }

  private void formatQuery(RoutingContext routing) {
    answer(
        routing,
        params ->
            Future.succeededFuture(
                success(PromqlPrinter.pretty(PromqlParser.parse(params.query())))));
  }
}
