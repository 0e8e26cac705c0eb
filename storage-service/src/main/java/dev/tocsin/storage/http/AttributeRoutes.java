package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.AttributeReader;
import dev.tocsin.storage.ports.AttributeScope;
import dev.tocsin.storage.ports.Cancellation;
import dev.tocsin.storage.ports.TimeRange;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What there is to search for: attribute keys and values in use. */
final class AttributeRoutes {
  private static final Set<String> KEYS = Set.of("signal", "start", "end", "limit");
  private static final Set<String> VALUES = Set.of("signal", "scope", "start", "end", "limit");
  private static final List<String> SIGNALS = List.of("traces", "logs");
  private static final String SCOPES =
      "one of any, item_or_resource, item, span, log, resource, scope, event, link";
  private static final int LIMIT_DEFAULT = 200;

  private final Answers answers;
  private final AttributeReader ofSpans;
  private final AttributeReader ofLogs;

  AttributeRoutes(Answers answers, AttributeReader ofSpans, AttributeReader ofLogs) {
    this.answers = answers;
    this.ofSpans = ofSpans;
    this.ofLogs = ofLogs;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/attributes", KEYS, this::keys),
        Endpoint.get("/api/v1/attributes/{key}", VALUES, this::values));
  }

  private AttributeReader reader(Params params) {
    return params.choice("signal", SIGNALS).orElse(0) == 0 ? ofSpans : ofLogs;
  }

  private void keys(RoutingContext routing) {
    Params params = answers.params(routing, KEYS);
    TimeRange range = params.range();
    int limit = params.limit(LIMIT_DEFAULT);
    Cancellation cancellation = Answers.cancellation(routing);
    answers.respond(
        routing,
        reader(params).keys(range, limit, cancellation),
        keys -> {
          JsonArray list = new JsonArray();
          keys.forEach(
              key ->
                  list.add(
                      new JsonObject()
                          .put("scope", ScopeNames.text(key.scope()))
                          .put("key", key.key())));
          return new JsonObject().put("attributes", list);
        });
  }

  private void values(RoutingContext routing) {
    Params params = answers.params(routing, VALUES);
    TimeRange range = params.range();
    int limit = params.limit(LIMIT_DEFAULT);
    String key = routing.pathParam("key");
    AttributeScope scope = scope(params.text("scope"));
    Cancellation cancellation = Answers.cancellation(routing);
    answers.respond(
        routing,
        reader(params).values(scope, key, range, limit, cancellation),
        values -> new JsonObject().put("values", new JsonArray(values)));
  }

  private static AttributeScope scope(String name) {
    if (name.isEmpty()) {
      return AttributeScope.ANY;
    }
    // What a body has are no attributes.
    return ScopeNames.parse(name.toLowerCase(Locale.ROOT))
        .filter(scope -> scope != AttributeScope.BODY)
        .orElseThrow(() -> Params.bad("scope", name, SCOPES));
  }
}
