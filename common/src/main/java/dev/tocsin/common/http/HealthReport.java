package dev.tocsin.common.http;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import java.util.List;

/**
 * What {@code /health} answers: the worst state of all components with all issues, and each
 * component's own.
 */
record HealthReport(Health all, JsonObject json) {
  private static final long CHECK_TIMEOUT_MS = 5_000;

  /** Asks the components, at most five seconds each. */
  interface Source {
    Future<HealthReport> check();
  }

  static Source source(Vertx vertx, List<Component> components) {
    HealthChecks checks = HealthChecks.create(vertx);
    for (Component component : components) {
      checks.register(
          component.name(),
          CHECK_TIMEOUT_MS,
          promise ->
              component
                  .check()
                  .otherwise(e -> Health.unhealthy(component.name() + ": " + e.getMessage()))
                  .onSuccess(health -> promise.tryComplete(status(health))));
    }
    return () ->
        components.isEmpty()
            ? Future.succeededFuture(of(List.of()))
            : checks.checkStatus().map(result -> of(result.getChecks()));
  }

  private static Status status(Health health) {
    JsonObject data = describe(health);
    return health instanceof Health.Unhealthy ? Status.KO(data) : Status.OK(data);
  }

  private static HealthReport of(List<CheckResult> results) {
    Health all = Health.healthy();
    JsonObject components = new JsonObject();
    for (CheckResult result : results) {
      Health health = read(result);
      components.put(result.getId(), describe(health));
      all = all.and(health);
    }
    return new HealthReport(all, describe(all).put("components", components));
  }

  private static Health read(CheckResult result) {
    JsonObject data = result.getData();
    if (data == null || !data.containsKey("issues")) {
      return result.getUp()
          ? Health.healthy()
          : Health.unhealthy(result.getId() + ": no answer in " + CHECK_TIMEOUT_MS + " ms");
    }
    List<String> issues = data.getJsonArray("issues").stream().map(String::valueOf).toList();
    return switch (data.getString("status")) {
      case "Healthy" -> Health.healthy();
      case "Degraded" -> new Health.Degraded(issues);
      default -> new Health.Unhealthy(issues);
    };
  }

  private static JsonObject describe(Health health) {
    return new JsonObject()
        .put("status", health.state())
        .put("issues", new JsonArray(health.issues()));
  }
}
