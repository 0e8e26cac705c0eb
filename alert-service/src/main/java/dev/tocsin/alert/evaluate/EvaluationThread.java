package dev.tocsin.alert.evaluate;

import dev.tocsin.alert.ports.Publisher;
import dev.tocsin.alert.rules.Ownership;
import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that evaluates, woken by the clock and by changes of ownership. The clock drives it,
 * not the data: a rule about silence must be looked at when nothing comes. It may block on Kafka.
 *
 * <p>Its health is that it finishes turns, and that it sees what there is to judge. An {@code
 * Error} ends it, and is its health from then on.
 */
final class EvaluationThread implements Component {
  private static final Logger log = LoggerFactory.getLogger(EvaluationThread.class);
  private static final long PAUSE_MAX_MS = 1_000;
  private static final Duration TURN_MAX = Duration.ofSeconds(30);
  private static final Duration BLIND_MAX = Duration.ofMinutes(2);

  private final RuleEvaluator evaluator;
  private final Activity activity;
  private final Publisher publisher;
  private final InstantSource clock;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;
  private volatile @Nullable Throwable died;
  private volatile String problem = "";

  EvaluationThread(
      RuleEvaluator evaluator,
      Activity activity,
      Publisher publisher,
      Ownership ownership,
      InstantSource clock) {
    this.evaluator = evaluator;
    this.activity = activity;
    this.publisher = publisher;
    this.clock = clock;
    ownership.onChange(this::wake);
  }

  @Override
  public String name() {
    return "alert-evaluate";
  }

  @Override
  public Future<Void> start() {
    Thread runner = new Thread(this::run, name());
    runner.setDaemon(true);
    activity.turnFinished();
    thread = runner;
    runner.start();
    return Future.succeededFuture();
  }

  private void run() {
    try {
      runUntilStopped();
      publisher.close();
    } catch (Throwable e) {
      died = e;
      log.error("{} has ended; only a restart brings it back", name(), e);
    } finally {
      ended.complete();
    }
  }

  private void runUntilStopped() {
    while (!stopping) {
      long next = clock.millis() + PAUSE_MAX_MS;
      try {
        next = evaluator.tick(clock.millis(), activity.millis());
        problem = "";
      } catch (RuntimeException e) {
        if (problem.isEmpty()) {
          log.error("a turn failed, the next one tries again", e);
        }
        problem = "evaluation: " + e;
      }
      activity.turnFinished();
      long pauseMs = Math.min(PAUSE_MAX_MS, next - clock.millis());
      if (pauseMs > 0 && !stopping) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
      }
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  @Override
  public Future<Void> stop() {
    stopping = true;
    if (thread == null) {
      return Future.succeededFuture();
    }
    wake();
    return ended.future();
  }

  @Override
  public Future<Health> check() {
    return Future.succeededFuture(health());
  }

  private Health health() {
    Throwable end = died;
    if (end != null) {
      return Health.unhealthy("no rule is evaluated any more: the thread has ended: " + end);
    }
    if (thread == null || ended.future().isComplete()) {
      return Health.healthy();
    }
    Duration turn = activity.sinceFinished();
    if (turn.compareTo(TURN_MAX) > 0) {
      return Health.unhealthy(
          "evaluation has not finished a turn for " + turn.toSeconds() + " s: " + activity.doing());
    }
    if (!problem.isEmpty()) {
      return Health.unhealthy(problem);
    }
    List<String> problems = evaluator.problems();
    if (problems.isEmpty()) {
      return Health.healthy();
    }
    OptionalLong blindSince = evaluator.blindSinceMs();
    boolean blind =
        blindSince.isPresent() && activity.millis() - blindSince.getAsLong() > BLIND_MAX.toMillis();
    return blind ? new Health.Unhealthy(problems) : new Health.Degraded(problems);
  }
}
