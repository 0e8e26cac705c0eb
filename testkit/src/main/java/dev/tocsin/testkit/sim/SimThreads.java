package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.Awaiting;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Threads of simulated processes, which wait for answers in the middle of what they do. All of them
 * are one real thread: who waits runs what is due meanwhile, others' turns included, so the last
 * one to begin waiting goes on first. Whose process has crashed meanwhile does not go on at all.
 */
public final class SimThreads implements Awaiting {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final SimScheduler scheduler;
  private final Deque<BooleanSupplier> alive = new ArrayDeque<>();

  SimThreads(SimScheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Ends the thread of a process that is no more, past everybody who catches exceptions. */
  private static final class CrashedError extends Error {
    private static final long serialVersionUID = 1L;

    CrashedError() {
      super("simulated: crashed", null, false, false);
    }
  }

  /** What a thread does. */
  public interface Body {
    void run() throws Exception;
  }

  /**
   * Runs as one thread of a process.
   *
   * @param lives whether the process still does
   * @return whether the body came to its end
   */
  public boolean run(BooleanSupplier lives, Body body) throws Exception {
    alive.push(lives);
    try {
      body.run();
      return true;
    } catch (CrashedError e) {
      return false;
    } finally {
      alive.pop();
    }
  }

  /** As a call that blocks for so long. */
  public void pass(Duration time) {
    scheduler.runFor(time);
    requireAlive();
  }

  private void requireAlive() {
    BooleanSupplier lives = alive.peek();
    if (lives != null && !lives.getAsBoolean()) {
      throw new CrashedError();
    }
  }

  @Override
  public <T> T await(Future<T> future) throws Exception {
    boolean answered = scheduler.runUntil(future::isComplete, LIMIT);
    requireAlive();
    if (!answered) {
      throw new TimeoutException("simulated: no answer in " + LIMIT.toSeconds() + " s");
    }
    Throwable failure = future.cause();
    if (failure != null) {
      throw failure instanceof Exception e ? e : new ExecutionException(failure);
    }
    return future.result();
  }
}
