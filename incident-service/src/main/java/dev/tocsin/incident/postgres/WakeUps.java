package dev.tocsin.incident.postgres;

import dev.tocsin.common.postgres.Postgres;
import dev.tocsin.common.runtime.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for the wake-ups every writing transaction sends. While the connection is away nothing is
 * lost: those woken also look by themselves every few seconds.
 */
final class WakeUps implements Component {
  private static final Logger log = LoggerFactory.getLogger(WakeUps.class);
  private static final long RECONNECT_MS = 1_000;

  /** Nobody is asked on a connection that listens, so nobody would see that its server is gone. */
  private static final long ASK_EVERY_MS = 30_000;

  private final Vertx vertx;
  private final Postgres postgres;
  private final Runnable wake;
  private @Nullable PgSubscriber subscriber;
  private @Nullable PgConnection watched;
  private long timer;

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
    timer = vertx.setPeriodic(ASK_EVERY_MS, id -> ask(listening));
    // Pure speed-up, so a refused connection must not keep the service from starting.
    return listening.connect().otherwiseEmpty();
  }

  private void ask(PgSubscriber listening) {
    PgConnection connection = listening.actualConnection();
    if (connection == null) {
      return;
    }
    if (connection != watched) {
      watched = connection;
      postgres.watch(connection);
    }
    connection
        .query("select 1")
        .execute()
        .onFailure(e -> log.debug("the connection that listens: {}", e.toString()));
  }

  @Override
  public Future<Void> stop() {
    vertx.cancelTimer(timer);
    return subscriber == null ? Future.succeededFuture() : subscriber.close().otherwiseEmpty();
  }
}
