package dev.tocsin.storage.http;

import dev.tocsin.storage.ports.SeriesCollisions;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Which series overwrite each other. */
final class CollisionRoutes {
  private final Answers answers;
  private final SeriesCollisions collisions;

  CollisionRoutes(Answers answers, SeriesCollisions collisions) {
    this.answers = answers;
    this.collisions = collisions;
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/metrics/collisions", Set.of(), this::list));
  }

  private void list(RoutingContext routing) {
    answers.params(routing, Set.of());
    answers.respond(routing, Future.succeededFuture(collisions.list()), CollisionRoutes::json);
  }

  static JsonObject json(List<SeriesCollisions.Collision> latest) {
    JsonArray series = new JsonArray();
    for (SeriesCollisions.Collision each : latest) {
      JsonObject labels = new JsonObject();
      each.labels().forEach(labels::put);
      series.add(
          new JsonObject()
              .put("labels", labels)
              .put("count", each.count())
              .put("lastSeen", Instant.ofEpochMilli(each.seenMs()).toString()));
    }
    return new JsonObject().put("series", series);
  }
}
