package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Health;
import dev.tocsin.incident.ports.Message;
import dev.tocsin.incident.ports.Notifier;
import dev.tocsin.incident.ports.Outcome;
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

  /** A try that has not ended by then never will; longer than any notifier's own time-out. */
  private static final long PROBE_MAX_MS = 60_000;

  /** Of a message that passes while nothing is wrong. */
  private static final long NO_PROBE = 0;

  private static final long REFUSED = -1;

  private final Notifier notifier;
  private final InstantSource clock;

  // Guarded by this.
  private int failures;
  private String lastFailure = "";
  private long openMs = OPEN_FIRST_MS;
  private long openUntilMs;
  private long probes;
  private long probe = NO_PROBE;
  private long probeSinceMs;

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
    long ticket = enter();
    if (ticket == REFUSED) {
      return Future.succeededFuture(
          new Outcome.Deferred(Outcome.Reason.CIRCUIT_OPEN, Duration.ofMillis(waitMs())));
    }
    try {
      return notifier
          .send(message)
          .onComplete(done -> left(ticket, done.succeeded() ? done.result() : null));
    } catch (RuntimeException e) {
      left(ticket, null);
      throw e;
    }
  }

  private synchronized long enter() {
    if (failures < FAILURES_TO_OPEN) {
      return NO_PROBE;
    }
    if (waitMs() > 0) {
      return REFUSED;
    }
    probe = ++probes;
    probeSinceMs = clock.millis();
    return probe;
  }

  /** Until a message may try; 0 when one may now. */
  private synchronized long waitMs() {
    long nowMs = clock.millis();
    if (openUntilMs > nowMs) {
      return openUntilMs - nowMs;
    }
    return probe != NO_PROBE && nowMs - probeSinceMs < PROBE_MAX_MS ? PROBE_MS : 0;
  }

  /** While it is open, only the answer to its own try says how the destination is now. */
  private synchronized void left(long ticket, @Nullable Outcome outcome) {
    boolean open = failures >= FAILURES_TO_OPEN;
    if (ticket != probe || (open && ticket == NO_PROBE)) {
      return;
    }
    boolean wasProbe = ticket != NO_PROBE;
    probe = NO_PROBE;
    if (outcome instanceof Outcome.Deferred) {
      return;
    }
    if (outcome == null || outcome instanceof Outcome.Retry) {
      failures++;
      lastFailure = outcome instanceof Outcome.Retry retry ? text(retry) : "no outcome";
      if (failures >= FAILURES_TO_OPEN) {
        openMs = wasProbe ? Math.min(OPEN_MAX_MS, openMs * 2) : OPEN_FIRST_MS;
        openUntilMs = clock.millis() + openMs;
      }
    } else {
      failures = 0;
      openMs = OPEN_FIRST_MS;
    }
  }

  private static String text(Outcome.Retry failure) {
    return failure.reason().text() + ": " + failure.detail();
  }

  /** Degraded while it is open: what waits for the destination is kept and tried again. */
  @Override
  public synchronized Health health() {
    return failures < FAILURES_TO_OPEN
        ? Health.healthy()
        : Health.degraded(
            "%s: the last %d deliveries have failed: %s"
                .formatted(channel(), failures, lastFailure));
  }
}
