package dev.tocsin.storage.service;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** Says on {@code /health} that series overwrite each other, as long as they do. */
final class CollisionNote implements Component {
  private static final Duration SHOWN = Duration.ofMinutes(10);
  private static final int NAME_MAX = 200;

  private final SeriesCollisions collisions;
  private final InstantSource clock;

  CollisionNote(SeriesCollisions collisions, InstantSource clock) {
    this.collisions = collisions;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "series";
  }

  @Override
  public Future<Void> start() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Health> check() {
    List<SeriesCollisions.Collision> latest = collisions.list();
    boolean any = !latest.isEmpty() && latest.get(0).seenMs() > clock.millis() - SHOWN.toMillis();
    return Future.succeededFuture(any ? Health.noted(text(latest.get(0))) : Health.healthy());
  }

  private String text(SeriesCollisions.Collision last) {
    String metric = last.labels().getOrDefault("__name__", "");
    return ("%d values were overwritten by others of the same series and time since the start, the last of %s:"
            + " what sends them is not told apart by its labels, see /api/v1/metrics/collisions")
        .formatted(
            collisions.total(),
            metric.length() <= NAME_MAX ? metric : metric.substring(0, NAME_MAX) + "…");
  }
}
