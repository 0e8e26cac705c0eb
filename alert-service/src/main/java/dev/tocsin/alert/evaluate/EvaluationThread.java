package dev.tocsin.alert.evaluate;

import dev.tocsin.common.runtime.Component;
import dev.tocsin.common.runtime.Health;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that evaluates, woken by the clock and by changes of ownership. The clock drives it,
 * not the data: a rule about silence must be looked at when nothing comes. It may block on Kafka.
 */
final class EvaluationThread implements Component {
  private static final Logger log = LoggerFactory.getLogger(EvaluationThread.class);
  private static final long PAUSE_MAX_MS = 1_000;

  private final Evaluator evaluator;
  private final Publisher publisher;
  private final InstantSource clock;
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;
  private volatile String problem = "";

  EvaluationThread(
      Evaluator evaluator, Publisher publisher, Ownership ownership, InstantSource clock) {
    this.evaluator = evaluator;
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
    thread = runner;
    runner.start();
    return Future.succeededFuture();
  }

  private void run() {
    while (!stopping) {
      long next = clock.millis() + PAUSE_MAX_MS;
      try {
        next = evaluator.tick(clock.millis());
        problem = "";
      } catch (RuntimeException e) {
        if (problem.isEmpty()) {
          log.error("a tick failed, the next one tries again", e);
        }
        problem = "evaluation: " + e;
      }
      long pauseMs = Math.min(PAUSE_MAX_MS, next - clock.millis());
      if (pauseMs > 0 && !stopping) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
      }
    }
    publisher.close();
    ended.complete();
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
    String issue = problem.isEmpty() ? evaluator.publishProblem() : problem;
    return Future.succeededFuture(issue.isEmpty() ? Health.healthy() : Health.degraded(issue));
  }
}
