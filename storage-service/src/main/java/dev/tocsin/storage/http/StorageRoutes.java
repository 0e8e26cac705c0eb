package dev.tocsin.storage.http;

import dev.tocsin.common.runtime.ServiceContext;
import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.LogReader;
import dev.tocsin.storage.ports.MetricReader;
import dev.tocsin.storage.ports.QueryLimits;
import dev.tocsin.storage.ports.SeriesCollisions;
import dev.tocsin.storage.ports.ServiceReader;
import dev.tocsin.storage.ports.TraceReader;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;

/** The routes of the read APIs; the OpenAPI document describes every one of them. */
public final class StorageRoutes {
  private final List<Endpoint> endpoints;

  /** What the routes ask. */
  public record Readers(
      TraceReader traces,
      LogReader logs,
      MetricReader metrics,
      ServiceReader services,
      AttributeReader spanAttributes,
      AttributeReader logAttributes,
      SeriesCollisions collisions) {}

  public StorageRoutes(ServiceContext context, QueryLimits limits, Readers readers) {
    Answers answers = new Answers(context, limits);
    TraceReader traces = readers.traces();
    LogReader logs = readers.logs();
    List<Endpoint> all = new ArrayList<>();
    TraceStream stream = new TraceStream(traces, logs, limits.rowsMax());
    all.addAll(new TraceRoutes(answers, traces, stream).endpoints());
    all.addAll(new LogRoutes(answers, logs, new LogTailRoute(context, answers, logs)).endpoints());
    all.addAll(new ServiceRoutes(answers, traces, readers.services()).endpoints());
    all.addAll(
        new AttributeRoutes(answers, readers.spanAttributes(), readers.logAttributes())
            .endpoints());
    all.addAll(new PrometheusRoutes(context, readers.metrics()).endpoints());
    all.addAll(
        new PrometheusCatalogueRoutes(context, readers.metrics(), limits.seriesMax()).endpoints());
    all.addAll(new CollisionRoutes(answers, readers.collisions()).endpoints());
    all.add(OpenApiDocument.endpoint(limits.rowsMax()));
    endpoints = List.copyOf(all);
  }

  public void addTo(Router router) {
    for (Endpoint endpoint : endpoints) {
      endpoint
          .methods()
          .forEach(
              method ->
                  router.route(method, endpoint.routerPath()).handler(endpoint.handler()::accept));
    }
  }

  List<Endpoint> endpoints() {
    return endpoints;
  }
}
