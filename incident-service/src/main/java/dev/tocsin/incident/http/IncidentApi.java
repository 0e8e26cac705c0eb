package dev.tocsin.incident.http;

import dev.tocsin.common.http.Problem;
import dev.tocsin.common.http.ProblemException;
import dev.tocsin.common.http.ServiceHttp;
import dev.tocsin.incident.domain.Incident;
import dev.tocsin.incident.domain.Status;
import dev.tocsin.incident.ports.IncidentReader;
import dev.tocsin.incident.ports.IncidentStore;
import dev.tocsin.incident.ports.IncidentStore.Change;
import dev.tocsin.incident.ports.Lifecycle;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /api/v1/incidents}: list, show, acknowledge, resolve. */
public final class IncidentApi {
  private static final Logger log = LoggerFactory.getLogger(IncidentApi.class);
  private static final int LIMIT_DEFAULT = 50;
  private static final int LIMIT_MAX = 500;
  private static final int BY_CHARS_MAX = 200;
  private static final int COMMENT_CHARS_MAX = 4_000;

  private final IncidentReader reader;
  private final IncidentStore store;
  private final Lifecycle lifecycle;

  public IncidentApi(IncidentReader reader, IncidentStore store, Lifecycle lifecycle) {
    this.reader = reader;
    this.store = store;
    this.lifecycle = lifecycle;
  }

  /** Adds the routes. */
  public void routes(Router router) {
    router.get("/api/v1/incidents").handler(routing -> answer(routing, list(routing)));
    router.get("/api/v1/incidents/:id").handler(routing -> answer(routing, show(routing)));
    router
        .post("/api/v1/incidents/:id/acknowledge")
        .handler(routing -> answer(routing, acknowledge(routing)));
    router
        .post("/api/v1/incidents/:id/resolve")
        .handler(routing -> answer(routing, resolve(routing)));
  }

  private Future<JsonObject> list(RoutingContext routing) {
    int limit = (int) number(routing, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX);
    long before = number(routing, "before", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    Set<Status> statuses = statuses(routing.request().getParam("status"));
    // One more than asked for tells whether there is a next page.
    return reader.list(statuses, before, limit + 1).map(found -> page(found, limit));
  }

  private static JsonObject page(List<Incident> found, int limit) {
    List<Incident> shown = found.size() > limit ? found.subList(0, limit) : found;
    JsonArray incidents = new JsonArray();
    shown.forEach(incident -> incidents.add(IncidentJson.summary(incident)));
    JsonObject page = new JsonObject().put("incidents", incidents);
    return found.size() > limit ? page.put("nextBefore", shown.get(limit - 1).id()) : page;
  }

  private Future<JsonObject> show(RoutingContext routing) {
    long id = id(routing);
    return reader
        .detail(id)
        .map(detail -> detail.map(IncidentJson::detail).orElseThrow(() -> unknown(id)));
  }

  private Future<JsonObject> acknowledge(RoutingContext routing) {
    long id = id(routing);
    Statement said = statement(routing);
    return store
        .acknowledge(id, said.by(), said.comment())
        .map(
            change -> {
              Incident incident = changed(id, change);
              if (incident.status() == Status.RESOLVED) {
                throw new ProblemException(
                    Problem.conflict("incident " + id + " is resolved (expected: triggered)"));
              }
              return IncidentJson.full(incident);
            });
  }

  private Future<JsonObject> resolve(RoutingContext routing) {
    long id = id(routing);
    Statement said = statement(routing);
    return store
        .resolve(id, said.by(), said.comment())
        .map(change -> IncidentJson.full(changed(id, change)));
  }

  private Incident changed(long id, Optional<Change> change) {
    change.ifPresent(lifecycle::committed);
    return change.map(Change::incident).orElseThrow(() -> unknown(id));
  }

  private record Statement(String by, String comment) {}

  /** JSON only: browsers do not send that to another site's server without asking it first. */
  private static Statement statement(RoutingContext routing) {
    String type = routing.request().getHeader("content-type");
    if (type == null || !type.strip().toLowerCase(Locale.ROOT).matches(JSON_TYPE)) {
      throw new ProblemException(
          new Problem(
              415,
              "Unsupported Media Type",
              "content-type: " + type + " (expected: application/json)"));
    }
    try {
      JsonObject body = routing.body().asJsonObject();
      if (body == null) {
        throw bad("an empty body (expected: {\"by\": \"name\", \"comment\": \"...\"})");
      }
      String by = text(body, "by", BY_CHARS_MAX).strip();
      if (by.isEmpty()) {
        throw bad("by: empty (expected: who does this, 1-" + BY_CHARS_MAX + " characters)");
      }
      return new Statement(by, text(body, "comment", COMMENT_CHARS_MAX).strip());
    } catch (DecodeException | ClassCastException e) {
      throw bad("the body is not a JSON object (expected: {\"by\": \"name\"})");
    }
  }

  private static final String JSON_TYPE = "application/json\\s*(;.*)?";

  private static String text(JsonObject body, String key, int charsMax) {
    Object value = body.getValue(key, "");
    if (!(value instanceof String text) || text.length() > charsMax || text.indexOf('\0') >= 0) {
      throw bad(key + " (expected: a text of at most " + charsMax + " characters)");
    }
    return text;
  }

  private static Set<Status> statuses(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return EnumSet.allOf(Status.class);
    }
    return switch (text) {
      case "open" -> EnumSet.of(Status.TRIGGERED, Status.ACKNOWLEDGED);
      case "triggered", "acknowledged", "resolved" -> EnumSet.of(Status.of(text));
      default ->
          throw bad("status: " + text + " (expected: triggered, acknowledged, resolved or open)");
    };
  }

  private static long id(RoutingContext routing) {
    String text = routing.pathParam("id");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw bad("incident id: " + text + " (expected: a number)");
    }
  }

  private static long number(
      RoutingContext routing, String name, long fallback, long min, long max) {
    String text = routing.request().getParam(name);
    if (text == null) {
      return fallback;
    }
    String expected = max == Long.MAX_VALUE ? "a positive number" : min + "-" + max;
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      log.debug("{} is no number", name);
    }
    throw bad(name + ": " + text + " (expected: " + expected + ")");
  }

  private static ProblemException bad(String detail) {
    return new ProblemException(Problem.badRequest(detail));
  }

  private static ProblemException unknown(long id) {
    return new ProblemException(Problem.notFound("no incident " + id));
  }

  private static void answer(RoutingContext routing, Future<JsonObject> body) {
    body.onSuccess(json -> ServiceHttp.sendJson(routing, 200, json))
        .onFailure(
            e -> {
              if (e instanceof ProblemException known) {
                routing.fail(known);
              } else {
                log.warn("{} failed: {}", routing.request().path(), e.getMessage());
                routing.fail(
                    new ProblemException(
                        Problem.unavailable("the incident database does not answer; try again")));
              }
            });
  }
}
