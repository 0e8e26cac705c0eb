package dev.tocsin.testkit.sim;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How a database answers: each transaction is refused, done, or done without its answer. What is in
 * it is the business of whoever uses this, behind a port of a service.
 */
public final class SimDatabase {
  private static final Duration STRAGGLE_MAX = Duration.ofSeconds(2);

  private final SimScheduler scheduler;
  private final Supplier<? extends Throwable> failure;
  private Duration latencyMax = Duration.ZERO;
  private boolean down;
  private double refused;
  private double lost;

  /**
   * @param failure as the port's users see it when the connection is lost
   */
  public SimDatabase(SimScheduler scheduler, Supplier<? extends Throwable> failure) {
    this.scheduler = scheduler;
    this.failure = failure;
  }

  /** Answers come later, each after a time up to this; only for those who do not block on them. */
  public SimDatabase withLatency(Duration most) {
    latencyMax = most;
    return this;
  }

  /** Whether nothing is answered at all. */
  public void down(boolean value) {
    down = value;
    scheduler.trace().add("database down: " + value);
  }

  /**
   * @param refusing probability that a transaction is not carried out
   * @param losing probability that one is, and its answer is lost
   */
  public void flaky(double refusing, double losing) {
    refused = refusing;
    lost = losing;
    scheduler.trace().add("database refuses " + refusing + ", loses " + losing);
  }

  /** Everything works. */
  public void heal() {
    down(false);
    flaky(0, 0);
  }

  public boolean answers() {
    return !down;
  }

  /** Carries out a transaction now; fails as the database does, or with what the body throws. */
  public <T> T now(String what, Supplier<T> body) throws Throwable {
    if (down || scheduler.chance(refused)) {
      scheduler.trace().add("refused: " + what);
      throw failure.get();
    }
    T result = body.get();
    if (scheduler.chance(lost)) {
      scheduler.trace().add("reply lost: " + what);
      throw failure.get();
    }
    scheduler.trace().add(what);
    return result;
  }

  /**
   * The same as a future: complete at once, or after the latency. With latency what is done without
   * an answer may be done after the failure was told, as when only the connection is gone.
   */
  public <T> Future<T> later(String what, Supplier<T> body) {
    if (latencyMax.isZero()) {
      return complete(what, body);
    }
    Promise<T> answer = Promise.promise();
    // Part of the time goes by before it is done, part of it after.
    scheduler.after(
        scheduler.upTo(latencyMax),
        () -> {
          Future<T> done = straggles() ? straggle(what, body) : complete(what, body);
          scheduler.after(scheduler.upTo(latencyMax), () -> done.onComplete(answer));
        });
    return answer.future();
  }

  private boolean straggles() {
    return !down && scheduler.chance(lost / 2);
  }

  private <T> Future<T> straggle(String what, Supplier<T> body) {
    scheduler.trace().add("reply lost before it is done: " + what);
    scheduler.after(
        scheduler.upTo(STRAGGLE_MAX),
        () -> {
          scheduler.trace().add("done at last: " + what);
          T unused = body.get();
        });
    return Future.failedFuture(failure.get());
  }

  private <T> Future<T> complete(String what, Supplier<T> body) {
    try {
      return Future.succeededFuture(now(what, body));
    } catch (Throwable e) {
      return Future.failedFuture(e);
    }
  }
}
