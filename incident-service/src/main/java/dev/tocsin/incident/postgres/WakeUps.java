package dev.tocsin.incident.postgres;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.pubsub.PgSubscriber;
import org.jspecify.annotations.Nullable;

/**
 * Listens for the wake-ups every writing transaction sends. While the connection is away nothing is
 * lost: those woken also look by themselves every few seconds.
 */
final class WakeUps implements Component {
  private static final long RECONNECT_MS = 1_000;

  private final Vertx vertx;
  private final Postgres postgres;
  private final Runnable wake;
  private @Nullable PgSubscriber subscriber;

  WakeUps(Vertx vertx, Postgres postgres, Runnable wake) {
    this.vertx = vertx;
    this.postgres = postgres;
    this.wake = wake;
  }

  @Override
  public String name() {
    return "wake-ups";
  }

  @Override
  public Future<Void> start() {
    PgSubscriber listening =
        PgSubscriber.subscriber(vertx, postgres.connectOptions())
            .reconnectPolicy(retries -> RECONNECT_MS);
    subscriber = listening;
    listening
        .channel(IncidentSql.WAKE_CHANNEL)
        .subscribeHandler(again -> wake.run())
        .handler(payload -> wake.run());
    // Pure speed-up, so a refused connection must not keep the service from starting.
    return listening.connect().otherwiseEmpty();
  }

  @Override
  public Future<Void> stop() {
    return subscriber == null ? Future.succeededFuture() : subscriber.close().otherwiseEmpty();
  }
}
