package dev.tocsin.incident.dispatch;

import dev.tocsin.incident.Message;
import dev.tocsin.incident.Notifier;
import dev.tocsin.incident.Outcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Leaves a destination alone that keeps failing: after five failures in a row it is open for 5
 * seconds, then one message may try; each failed try doubles the time, up to 60 seconds.
 */
final class CircuitBreakerNotifier implements Notifier {
  private static final int FAILURES_TO_OPEN = 5;
  private static final long OPEN_FIRST_MS = 5_000;
  private static final long OPEN_MAX_MS = 60_000;
  private static final long PROBE_MS = 1_000;

  private final Notifier notifier;
  private final InstantSource clock;

  // Guarded by this.
  private int failures;
  private long openMs = OPEN_FIRST_MS;
  private long openUntilMs;
  private boolean probing;

  CircuitBreakerNotifier(Notifier notifier, InstantSource clock) {
    this.notifier = notifier;
    this.clock = clock;
  }

  @Override
  public String channel() {
    return notifier.channel();
  }

  @Override
  public Future<Outcome> send(Message message) {
    long waitMs = enter();
    if (waitMs > 0) {
      return Future.succeededFuture(
          new Outcome.Deferred(Outcome.Reason.CIRCUIT_OPEN, Duration.ofMillis(waitMs)));
    }
    return notifier.send(message).onComplete(done -> left(done.succeeded() ? done.result() : null));
  }

  private synchronized long enter() {
    if (failures < FAILURES_TO_OPEN) {
      return 0;
    }
    long waitMs = openUntilMs - clock.millis();
    if (waitMs > 0) {
      return waitMs;
    }
    if (probing) {
      return PROBE_MS;
    }
    probing = true;
    return 0;
  }

  private synchronized void left(@Nullable Outcome outcome) {
    boolean wasProbe = probing;
    if (outcome instanceof Outcome.Deferred) {
      probing = false;
      return;
    }
    if (outcome == null || outcome instanceof Outcome.Retry) {
      failures++;
      if (failures >= FAILURES_TO_OPEN) {
        openMs = wasProbe ? Math.min(OPEN_MAX_MS, openMs * 2) : OPEN_FIRST_MS;
        openUntilMs = clock.millis() + openMs;
      }
    } else {
      failures = 0;
      openMs = OPEN_FIRST_MS;
    }
    probing = false;
  }
}
