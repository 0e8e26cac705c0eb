package dev.tocsin.alert.http;

import dev.tocsin.alert.evaluate.group.AlertInstance;
import dev.tocsin.alert.evaluate.group.AlertInstance.State;
import dev.tocsin.alert.evaluate.group.PrometheusText;
import dev.tocsin.alert.evaluate.group.RuleView;
import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.promql.rules.AlertingRule;
import dev.tocsin.promql.rules.Rule;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/v1/rules} and {@code GET /api/v1/alerts} in the shapes of Prometheus's HTTP API,
 * for the rule groups this instance owns.
 */
public final class AlertRoutes {
  private final Supplier<List<RuleView.Group>> groups;

  private AlertRoutes(Supplier<List<RuleView.Group>> groups) {
    this.groups = groups;
  }

  public static void mount(Router router, Supplier<List<RuleView.Group>> groups) {
    AlertRoutes routes = new AlertRoutes(groups);
    router.get("/api/v1/rules").handler(routes::rules);
    router.get("/api/v1/alerts").handler(routes::alerts);
  }

  private void rules(RoutingContext routing) {
    String type = routing.queryParams().get("type");
    if (type != null && !type.equals("alert") && !type.equals("record")) {
      throw new ProblemException(
          Problem.badRequest("type: " + type + " (expected: alert or record)"));
    }
    JsonArray all = new JsonArray();
    groups.get().forEach(group -> all.add(group(group, type)));
    answer(routing, new JsonObject().put("groups", all));
  }

  private void alerts(RoutingContext routing) {
    JsonArray all = new JsonArray();
    for (RuleView.Group group : groups.get()) {
      for (RuleView rule : group.rules()) {
        rule.alerts().forEach(alert -> all.add(alert(alert)));
      }
    }
    answer(routing, new JsonObject().put("alerts", all));
  }

  private static void answer(RoutingContext routing, JsonObject data) {
    ServiceHttp.sendJson(routing, 200, new JsonObject().put("status", "success").put("data", data));
  }

  private static JsonObject group(RuleView.Group view, @Nullable String type) {
    JsonArray rules = new JsonArray();
    for (RuleView rule : view.rules()) {
      boolean alerting = rule.rule() instanceof AlertingRule;
      if (type == null || type.equals(alerting ? "alert" : "record")) {
        rules.add(rule(rule));
      }
    }
    return new JsonObject()
        .put("name", view.group().name())
        .put("file", view.group().source())
        .put("interval", seconds(view.group().interval()))
        .put("limit", view.group().limit())
        .put("rules", rules)
        .put("evaluationTime", view.evaluationSeconds())
        .put("lastEvaluation", time(view.evaluatedAt()));
  }

  private static JsonObject rule(RuleView view) {
    Rule rule = view.rule();
    JsonObject json =
        new JsonObject()
            .put("name", rule.name())
            .put("query", rule.query())
            .put("labels", texts(rule.labels()))
            .put("health", health(view))
            .put("evaluationTime", view.evaluationSeconds())
            .put("lastEvaluation", time(view.evaluatedAt()))
            .put("type", rule instanceof AlertingRule ? "alerting" : "recording");
    if (!view.error().isEmpty()) {
      json.put("lastError", view.error());
    }
    if (rule instanceof AlertingRule alerting) {
      JsonArray alerts = new JsonArray();
      view.alerts().forEach(alert -> alerts.add(alert(alert)));
      json.put("state", state(view))
          .put("duration", seconds(alerting.forDuration()))
          .put("keepFiringFor", seconds(alerting.keepFiringFor()))
          .put("annotations", texts(alerting.annotations()))
          .put("alerts", alerts);
    }
    return json;
  }

  private static String health(RuleView view) {
    if (view.evaluatedAt() == null) {
      return "unknown";
    }
    return view.error().isEmpty() ? "ok" : "err";
  }

  /** The highest state of its instances. */
  private static String state(RuleView view) {
    if (view.evaluatedAt() == null) {
      return "unknown";
    }
    return view.alerts().stream()
        .map(AlertInstance::state)
        .max((a, b) -> Boolean.compare(a == State.FIRING, b == State.FIRING))
        .orElse(State.INACTIVE)
        .text();
  }

  private static JsonObject alert(AlertInstance alert) {
    JsonObject json =
        new JsonObject()
            .put("labels", texts(alert.labels().asMap()))
            .put("annotations", texts(alert.annotations()))
            .put("state", alert.state().text())
            .put("activeAt", alert.activeAt().toString())
            .put("value", PrometheusText.number(alert.value()));
    Instant keptSince = alert.keepFiringSince();
    if (keptSince != null) {
      json.put("keepFiringSince", keptSince.toString());
    }
    return json;
  }

  private static JsonObject texts(Map<String, String> texts) {
    JsonObject json = new JsonObject();
    new TreeMap<>(texts).forEach(json::put);
    return json;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  /** Prometheus shows Go's zero time where nothing has happened yet. */
  private static String time(@Nullable Instant at) {
    return at == null ? "0001-01-01T00:00:00Z" : at.toString();
  }
}
