package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;

/** Keeps a destination within its rate: a token bucket, refilled evenly. */
final class RateLimitedNotifier implements Notifier {
  private final Notifier notifier;
  private final int burst;
  private final long tokenMs;
  private final InstantSource clock;

  // Guarded by this.
  private double tokens;
  private long countedAtMs;

  /**
   * @param burst messages at once
   * @param perMinute messages over time
   */
  RateLimitedNotifier(Notifier notifier, int burst, int perMinute, InstantSource clock) {
    this.notifier = notifier;
    this.burst = burst;
    this.tokenMs = Math.max(1, 60_000 / perMinute);
    this.clock = clock;
    this.tokens = burst;
    this.countedAtMs = clock.millis();
  }

  @Override
  public String channel() {
    return notifier.channel();
  }

  @Override
  public Future<Outcome> send(Message message) {
    long waitMs = take();
    return waitMs == 0
        ? notifier.send(message)
        : Future.succeededFuture(
            new Outcome.Deferred(Outcome.Reason.THROTTLED, Duration.ofMillis(waitMs)));
  }

  @Override
  public Health health() {
    return notifier.health();
  }

  /** 0 when a token was taken, else how long until there is one. */
  private synchronized long take() {
    long nowMs = clock.millis();
    tokens = Math.min(burst, tokens + (double) (nowMs - countedAtMs) / tokenMs);
    countedAtMs = nowMs;
    if (tokens >= 1) {
      tokens -= 1;
      return 0;
    }
    return Math.max(1, (long) Math.ceil((1 - tokens) * tokenMs));
  }
}
