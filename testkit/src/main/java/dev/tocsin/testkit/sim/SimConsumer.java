package dev.tocsin.testkit.sim;

import dev.tocsin.common.kafka.RecordKernel;
import dev.tocsin.common.kafka.RecordTurns;
import dev.tocsin.common.runtime.Health;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a consumer, as a process: takes its turns, is stopped in order, is paused,
 * crashes without a word, and is started again with an empty memory.
 */
public final class SimConsumer {
  /** How often one that pauses looks whether it may go on. */
  public static final Duration PAUSE_LOOK = Duration.ofSeconds(1);

  private static final Duration TURN_MAX = Duration.ofMillis(20);
  private static final Duration IDLE_MIN = Duration.ofMillis(1);

  private final SimScheduler scheduler;
  private final SimThreads threads;
  private final String name;
  private final Birth birth;
  private @Nullable Life life;
  private long pausedUntilNanos;

  SimConsumer(SimScheduler scheduler, SimThreads threads, String name, Birth birth) {
    this.scheduler = scheduler;
    this.threads = threads;
    this.name = name;
    this.birth = birth;
  }

  /** Makes what a new process has. */
  public interface Birth {
    Life bear();
  }

  /** What a process has until it ends. */
  public static final class Life {
    private final RecordTurns turns;
    private final Supplier<Duration> idle;
    private boolean crashed;
    private boolean turning;

    /** It was told to stop in the middle of a turn. */
    private boolean closing;

    /**
     * @param idle how long the last poll would have waited for records
     */
    public Life(RecordTurns turns, Supplier<Duration> idle) {
      this.turns = turns;
      this.idle = idle;
    }

    /** A kernel over sources made one after the other. */
    public static Life of(
        String name, RecordKernel kernel, Supplier<SimSource> sources, SimScheduler scheduler) {
      AtomicReference<SimSource> last = new AtomicReference<>();
      RecordTurns turns =
          new RecordTurns(
              name,
              kernel,
              () -> {
                SimSource made = sources.get();
                last.set(made);
                return made;
              },
              scheduler::nanoTime);
      return new Life(
          turns,
          () -> {
            SimSource source = last.get();
            return source == null ? Duration.ZERO : source.idle();
          });
    }
  }

  public String name() {
    return name;
  }

  public boolean runs() {
    return life != null;
  }

  /** Starts it unless it runs. */
  public void start() {
    if (life == null) {
      scheduler.trace().add(name + " starts");
      Life born = birth.bear();
      life = born;
      next(born, scheduler.upTo(TURN_MAX));
    }
  }

  private void next(Life of, Duration delay) {
    scheduler.after(delay, () -> turn(of));
  }

  private void turn(Life of) {
    if (life != of) {
      return;
    }
    long pauseNanos = pausedUntilNanos - scheduler.nanoTime();
    if (pauseNanos > 0) {
      next(of, Duration.ofNanos(Math.min(pauseNanos, PAUSE_LOOK.toNanos())));
      return;
    }
    Duration[] backoff = {Duration.ZERO};
    of.turning = true;
    boolean ended = !inThread(of, () -> backoff[0] = of.turns.turn());
    of.turning = false;
    if (ended) {
      return;
    }
    if (of.closing) {
      close(of);
      return;
    }
    Duration pause = backoff[0];
    next(of, pause.isZero() ? idle(of.idle.get()) : pause);
  }

  /** A poll is over before its time when records come, but some of the time always goes by. */
  private Duration idle(Duration wait) {
    if (wait.isZero()) {
      return scheduler.upTo(TURN_MAX);
    }
    Duration some = scheduler.upTo(wait);
    Duration least = wait.compareTo(IDLE_MIN) < 0 ? wait : IDLE_MIN;
    return some.compareTo(least) < 0 ? least : some;
  }

  /** False when the process has crashed in the middle. */
  private boolean inThread(Life of, SimThreads.Body body) {
    try {
      return threads.run(() -> !of.crashed, body);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a process that gets no processor for a while. */
  public void pause(Duration time) {
    scheduler.trace().add(name + " pauses for " + time);
    pausedUntilNanos = scheduler.nanoTime() + time.toNanos();
  }

  public void resume() {
    pausedUntilNanos = 0;
  }

  /** Ends without closing anything. */
  public void crash() {
    Life ending = life;
    if (ending != null) {
      scheduler.trace().add(name + " crashes");
      ending.crashed = true;
      life = null;
    }
  }

  /** Ends in order, which takes its time. */
  public void stop() {
    Life ending = life;
    if (ending != null) {
      scheduler.trace().add(name + " stops");
      life = null;
      if (ending.turning) {
        ending.closing = true;
      } else {
        close(ending);
      }
    }
  }

  private void close(Life ending) {
    boolean unused =
        inThread(
            ending,
            () -> {
              try {
                ending.turns.close();
              } catch (Exception e) {
                scheduler.trace().add(name + " did not close well: " + e.getMessage());
              }
            });
  }

  /** As the running process tells; unhealthy when there is none. */
  public Health check() {
    Life living = life;
    return living == null ? Health.unhealthy(name + " does not run") : living.turns.check();
  }

  public long lag() {
    Life living = life;
    return living == null ? 0 : living.turns.lag();
  }
}
