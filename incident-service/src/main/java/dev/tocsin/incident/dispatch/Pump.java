package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one turn after another on a context of its own, never two at a time. A turn tells how long
 * to sleep until the next; {@link #wake} ends the sleep. A failed turn is repeated after a second.
 */
final class Pump implements Component {
  private static final Logger log = LoggerFactory.getLogger(Pump.class);
  private static final long FAILED_MS = 1_000;
  private static final int FAILURES_TO_TELL = 5;

  private final String name;
  private final Vertx vertx;
  private final Duration sleepMax;
  private final Supplier<Future<Duration>> turn;
  private final Promise<Void> ended = Promise.promise();

  // Confined to the context.
  private long sleepTimer = -1;
  private boolean busy;
  private boolean woken;
  private int failures;

  private volatile @Nullable Context context;
  private volatile boolean stopping;
  private volatile String problem = "";

  /**
   * @param sleepMax the longest sleep, for the case that a wake-up got lost
   */
  Pump(String name, Vertx vertx, Duration sleepMax, Supplier<Future<Duration>> turn) {
    this.name = name;
    this.vertx = vertx;
    this.sleepMax = sleepMax;
    this.turn = turn;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    context = vertx.getOrCreateContext();
    wake();
    return Future.succeededFuture();
  }

  /** Makes the next turn begin now, or again when one is under way; from any thread. */
  void wake() {
    Context own = context;
    if (own != null) {
      own.runOnContext(
          ignored -> {
            woken = true;
            begin();
          });
    }
  }

  private void begin() {
    if (busy || ended.future().isComplete()) {
      return;
    }
    if (sleepTimer >= 0) {
      vertx.cancelTimer(sleepTimer);
      sleepTimer = -1;
    }
    if (stopping) {
      ended.complete();
      return;
    }
    busy = true;
    woken = false;
    attempt()
        .onSuccess(
            sleep -> {
              failures = 0;
              problem = "";
              sleep(Math.min(sleep.toMillis(), sleepMax.toMillis()));
            })
        .onFailure(
            failure -> {
              report(failure);
              woken = false;
              sleep(FAILED_MS);
            });
  }

  private Future<Duration> attempt() {
    try {
      return turn.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void sleep(long millis) {
    busy = false;
    if (woken || stopping || millis <= 0) {
      // Through the queue of the context, so that a busy pump does not starve others.
      wake();
    } else {
      sleepTimer =
          vertx.setTimer(
              millis,
              fired -> {
                sleepTimer = -1;
                begin();
              });
    }
  }

  private void report(Throwable failure) {
    failures++;
    String text = name + ": " + failure.getMessage();
    if (!text.equals(problem)) {
      log.warn("{}; trying again every {} ms", text, FAILED_MS);
    }
    problem = text;
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    if (context == null) {
      return Future.succeededFuture();
    }
    wake();
    return ended.future();
  }

  @Override
  public Future<Health> check() {
    String now = problem;
    return Future.succeededFuture(
        now.isEmpty() || failures < FAILURES_TO_TELL ? Health.healthy() : Health.degraded(now));
  }
}
