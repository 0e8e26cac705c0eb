package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.ComponentGroup;
import dev.tocsin.common.runtime.Health;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What programs ask to know how the service is, under any name and from any page: it says nothing
 * secret.
 *
 * <ul>
 *   <li>{@code /live}: the process answers; nothing else is asked. When it does not, a restart
 *       helps.
 *   <li>{@code /ready}: requests sent here now are served. It says what they have to do without.
 *   <li>{@code /health}: everything as it is known, at once: checks run beside, see {@link
 *       HealthReport.Source#answer}; 503 when something is broken until somebody acts.
 *   <li>{@code /metrics}: for Prometheus.
 * </ul>
 */
final class HealthRoutes {
  private final Supplier<ComponentGroup> checked;
  private final PrometheusMeterRegistry metrics;
  private final HealthReport.Source health;

  HealthRoutes(
      Supplier<ComponentGroup> checked, WorkerExecutor worker, PrometheusMeterRegistry metrics) {
    this.checked = checked;
    this.metrics = metrics;
    this.health = new HealthReport.Source(worker, () -> checked.get().members());
  }

  /** Asks the components, so that what is known of them is not old when somebody asks for it. */
  void refresh() {
    var unused = health.check();
  }

  void addTo(Router router) {
    router.get("/live").handler(HealthRoutes::live);
    router.get("/ready").handler(this::ready);
    router.get("/health").handler(this::health);
    router.get("/metrics").handler(this::metrics);
  }

  private static void live(RoutingContext routing) {
    ServiceHttp.sendJson(routing, 200, new JsonObject().put("live", true));
  }

  private void health(RoutingContext routing) {
    report(
        routing,
        report ->
            ServiceHttp.sendJson(
                routing, report.all() instanceof Health.Unhealthy ? 503 : 200, report.json()));
  }

  /** Asks the components first: what they know of their dependencies may be old. */
  private void ready(RoutingContext routing) {
    report(
        routing,
        report -> {
          ComponentGroup group = checked.get();
          boolean ready = group.ready();
          ServiceHttp.sendJson(routing, ready ? 200 : 503, readiness(group, report, ready));
        });
  }

  /** A report is shared by all who ask for it meanwhile; each answers on a thread of its own. */
  private void report(RoutingContext routing, Consumer<HealthReport> answer) {
    Context own = routing.vertx().getOrCreateContext();
    health
        .answer()
        .onSuccess(report -> own.runOnContext(ignored -> answer.accept(report)))
        .onFailure(routing::fail);
  }

  private static JsonObject readiness(ComponentGroup group, HealthReport report, boolean ready) {
    JsonObject json = new JsonObject().put("ready", ready);
    JsonArray waiting = new JsonArray();
    for (Component member : group.serving()) {
      if (!member.ready()) {
        waiting.add(member.name());
      }
    }
    JsonArray without = new JsonArray();
    for (Component member : group.beside()) {
      Health health = report.components().getOrDefault(member.name(), Health.healthy());
      health.issues().forEach(without::add);
    }
    if (!waiting.isEmpty()) {
      json.put("waitingFor", waiting);
    }
    return without.isEmpty() ? json : json.put("without", without);
  }

  private void metrics(RoutingContext routing) {
    routing
        .response()
        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8")
        .end(metrics.scrape());
  }
}
