package dev.tocsin.console.status;

import dev.tocsin.console.proxy.Upstream;
import dev.tocsin.console.proxy.Upstreams;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The status page's content: every service's own health, the newest incidents and traces, and the
 * alerts that fire. A part that cannot be had says why and does not hold up the others. However
 * many pages ask, the services are asked once a second at most.
 */
public final class StatusReport {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final String INCIDENTS = "/api/v1/incidents?limit=20";
  private static final String ALERTS = "/api/v1/alerts";
  private static final String TRACES = "/api/v1/traces?limit=20";

  private final Upstreams upstreams;
  private final InstantSource clock;
  private final Duration askTimeout;
  private final JsonObject otlp;
  private @Nullable Future<JsonObject> latest;
  private Instant askedAt = Instant.MIN;

  /**
   * @param otlp what the page tells people to point their SDKs to: {@code grpc} and {@code http}
   */
  public StatusReport(
      Upstreams upstreams, InstantSource clock, Duration askTimeout, JsonObject otlp) {
    this.upstreams = upstreams;
    this.clock = clock;
    this.askTimeout = askTimeout;
    this.otlp = otlp;
  }

  /** Never fails, and takes at most a little longer than the ask time-out. */
  public synchronized Future<JsonObject> gather() {
    Instant now = clock.instant();
    Future<JsonObject> known = latest;
    if (known != null && now.isBefore(askedAt.plus(FRESH)) && !now.isBefore(askedAt)) {
      return known;
    }
    askedAt = now;
    Future<JsonObject> asked = ask(now);
    latest = asked;
    return asked;
  }

  private Future<JsonObject> ask(Instant now) {
    List<Future<JsonObject>> services = new ArrayList<>();
    for (Upstream upstream : Upstream.values()) {
      services.add(health(upstream));
    }
    Future<JsonObject> incidents = part(Upstream.INCIDENT, INCIDENTS);
    Future<JsonObject> alerts = part(Upstream.ALERT, ALERTS);
    Future<JsonObject> traces = part(Upstream.STORAGE, TRACES);
    return Future.all(Future.all(services), incidents, alerts, traces)
        .map(
            all -> {
              JsonArray states = new JsonArray();
              services.forEach(service -> states.add(service.result()));
              return new JsonObject()
                  .put("at", now.toString())
                  .put("otlp", otlp)
                  .put("services", states)
                  .put("incidents", incidents.result())
                  .put("alerts", alerts.result())
                  .put("traces", traces.result());
            });
  }

  private Future<JsonObject> health(Upstream upstream) {
    return upstreams
        .get(upstream, "/health", askTimeout)
        .map(answer -> new JsonObject(answer.body()))
        .otherwise(
            e ->
                new JsonObject()
                    .put("status", "Unreachable")
                    .put("issues", new JsonArray().add("does not answer: " + e.getMessage())))
        .map(health -> health.put("name", upstream.serviceName()));
  }

  /** {@code {"data": <the answer>}}, or {@code {"problem": <why there is none>}}. */
  private Future<JsonObject> part(Upstream upstream, String pathAndQuery) {
    return upstreams
        .get(upstream, pathAndQuery, askTimeout)
        .map(
            answer ->
                answer.status() == 200
                    ? decode(upstream, answer.body())
                    : problem(upstream, "answered " + answer.status()))
        .otherwise(e -> problem(upstream, "does not answer: " + e.getMessage()));
  }

  private static JsonObject decode(Upstream upstream, Buffer body) {
    try {
      return new JsonObject().put("data", Json.decodeValue(body));
    } catch (DecodeException e) {
      return problem(upstream, "answered something that is no JSON");
    }
  }

  private static JsonObject problem(Upstream upstream, String what) {
    return new JsonObject().put("problem", upstream.serviceName() + " " + what);
  }
}
