package dev.tocsin.incident.dispatch;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one turn after another on a context of its own, never two at a time. A turn tells how long
 * to sleep until the next; {@link #wake} ends the sleep. A failed turn is repeated after a second,
 * and one that does not end counts as failed after a minute.
 *
 * <p>Health is a turn that ended well: it is unhealthy when one is overdue for 30 s.
 */
final class Pump implements Component {
  private static final Logger log = LoggerFactory.getLogger(Pump.class);
  private static final long FAILED_MS = 1_000;
  private static final int FAILURES_TO_TELL = 5;
  private static final Duration OVERDUE_AFTER = Duration.ofSeconds(30);

  /** Longer than the database takes to give a connection and to end a statement. */
  private static final Duration TURN_MAX = Duration.ofSeconds(65);

  private final String name;
  private final Vertx vertx;
  private final Duration sleepMax;
  private final Supplier<Future<Duration>> turn;
  private final LongSupplier nanoTime;
  private final Promise<Void> ended = Promise.promise();

  // Confined to the context.
  private long sleepTimer = -1;
  private boolean busy;
  private boolean woken;

  private volatile int failures;
  private volatile long expectedNanos;
  private volatile @Nullable Context context;
  private volatile boolean stopping;
  private volatile String problem = "";

  /**
   * @param sleepMax the longest sleep, for the case that a wake-up got lost
   */
  Pump(String name, Vertx vertx, Duration sleepMax, Supplier<Future<Duration>> turn) {
    this(name, vertx, sleepMax, turn, System::nanoTime);
  }

  Pump(
      String name,
      Vertx vertx,
      Duration sleepMax,
      Supplier<Future<Duration>> turn,
      LongSupplier nanoTime) {
    this.name = name;
    this.vertx = vertx;
    this.sleepMax = sleepMax;
    this.turn = turn;
    this.nanoTime = nanoTime;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Void> start() {
    expectedNanos = nanoTime.getAsLong();
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
    long nowNanos = nanoTime.getAsLong();
    expectedNanos = expectedNanos - nowNanos < 0 ? expectedNanos : nowNanos;
    attempt()
        .timeout(TURN_MAX.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(
            sleep -> {
              failures = 0;
              problem = "";
              long millis = Math.min(sleep.toMillis(), sleepMax.toMillis());
              expectedNanos = nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
              sleep(millis);
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
    int before = failures;
    failures = before + 1;
    String text = name + ": " + reason(failure);
    if (!text.equals(problem)) {
      log.warn("{}; trying again every {} ms", text, FAILED_MS);
    }
    problem = text;
  }

  private static String reason(Throwable failure) {
    return failure instanceof TimeoutException
        ? "no answer in " + TURN_MAX.toSeconds() + " s"
        : String.valueOf(failure.getMessage());
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
    if (context == null || stopping) {
      return Future.succeededFuture(Health.healthy());
    }
    String now = problem;
    Duration overdue = Duration.ofNanos(nanoTime.getAsLong() - expectedNanos);
    if (overdue.compareTo(OVERDUE_AFTER) > 0) {
      String cause = now.isEmpty() ? name + ": one turn does not end" : now;
      return Future.succeededFuture(
          Health.unhealthy(cause + " (nothing done for " + overdue.toSeconds() + " s)"));
    }
    return Future.succeededFuture(
        now.isEmpty() || failures < FAILURES_TO_TELL ? Health.healthy() : Health.degraded(now));
  }
}
