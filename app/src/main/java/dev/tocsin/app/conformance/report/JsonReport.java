package dev.tocsin.app.conformance.report;

import dev.tocsin.app.conformance.check.CaseOutcome;
import dev.tocsin.app.conformance.check.Level;
import dev.tocsin.app.conformance.check.Result;
import dev.tocsin.app.conformance.check.Summary;
import dev.tocsin.app.conformance.probe.Target;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * Results for programs: {@code {"otlp", "target", "summary", "cases"}}. A case has {@code item},
 * {@code name}, {@code level}, {@code transport}, {@code signal}, {@code title}, {@code
 * specification}, {@code outcome} (passed, failed, skipped), {@code millis}; a skipped one {@code
 * reason}; a failed one {@code sent}, {@code came}, {@code expected} and perhaps {@code reproduce}.
 */
public final class JsonReport {
  /** Of the specification the cases are from. */
  private static final String OTLP_VERSION = "1.11";

  private JsonReport() {}

  public static String write(Target target, List<Result> results) {
    Summary summary = Summary.of(results);
    JsonObject counts = new JsonObject().put("skipped", summary.skipped());
    for (Level level : Level.values()) {
      counts.put(
          level.name().toLowerCase(Locale.ROOT),
          new JsonObject()
              .put("passed", summary.passed(level))
              .put("failed", summary.tried(level) - summary.passed(level)));
    }
    JsonArray cases = new JsonArray();
    results.forEach(result -> cases.add(write(result)));
    return new JsonObject()
        .put("otlp", OTLP_VERSION)
        .put(
            "target",
            new JsonObject()
                .put("grpc", target.grpc() == null ? null : target.grpc().toString())
                .put("http", target.http() == null ? null : target.http().toString()))
        .put("summary", counts)
        .put("cases", cases)
        .encodePrettily();
  }

  private static JsonObject write(Result result) {
    var one = result.of();
    JsonObject json =
        new JsonObject()
            .put("item", one.item())
            .put("name", one.name())
            .put("level", one.level().name())
            .put("transport", one.lane().wire().label())
            .put("signal", one.lane().signal().label())
            .put("title", one.title())
            .put("specification", one.section())
            .put("outcome", outcome(result.outcome()))
            .put("millis", result.millis());
    if (result.outcome() instanceof CaseOutcome.Skipped skipped) {
      json.put("reason", skipped.reason());
    } else if (result.outcome() instanceof CaseOutcome.Failed failed) {
      json.put("sent", failed.sent()).put("came", failed.came()).put("expected", failed.expected());
      if (failed.reproduce() != null) {
        json.put("reproduce", failed.reproduce());
      }
    }
    return json;
  }

  private static String outcome(CaseOutcome outcome) {
    if (outcome instanceof CaseOutcome.Passed) {
      return "passed";
    }
    return outcome instanceof CaseOutcome.Failed ? "failed" : "skipped";
  }
}
