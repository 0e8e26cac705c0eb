package dev.tocsin.testkit.sim;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * Runs tasks one after the other in virtual time: the next one is that which is due first; among
 * those due at the same time, chance decides. Everything that happens by chance in a simulation
 * asks here, so that the seed alone decides what happens. Used by one thread.
 *
 * <p>A task takes no time; what would take some says so by scheduling what follows later.
 */
public final class SimScheduler implements InstantSource {
  private static final Instant BEGINNING = Instant.parse("2026-12-01T00:00:00Z");

  private final long seed;
  private final Random random;
  private final Trace trace;
  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long nowNanos;
  private Duration wallClockStep = Duration.ZERO;
  private long tasksRun;

  public SimScheduler(long seed) {
    this.seed = seed;
    // Neighbouring seeds begin alike in java.util.Random; mixed ones do not.
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.trace = new Trace();
  }

  private record Task(long dueNanos, long chance, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(dueNanos, other.dueNanos);
      return byTime != 0 ? byTime : Long.compare(chance, other.chance);
    }
  }

  public long seed() {
    return seed;
  }

  /** What has happened so far. */
  public Trace trace() {
    return trace;
  }

  /** The wall clock, which may have been set. */
  @Override
  public Instant instant() {
    return BEGINNING.plusNanos(nowNanos).plus(wallClockStep);
  }

  /** Monotonic time since the beginning. */
  public long nanoTime() {
    return nowNanos;
  }

  public Duration elapsed() {
    return Duration.ofNanos(nowNanos);
  }

  /** Sets the wall clock forward, or back when negative. */
  public void stepWallClock(Duration by) {
    wallClockStep = wallClockStep.plus(by);
    trace.add("wall clock by %s".formatted(by));
  }

  /** How many tasks have been run. */
  public long tasksRun() {
    return tasksRun;
  }

  /** Runs the action once this much time has passed. */
  public void after(Duration delay, Runnable action) {
    tasks.add(new Task(nowNanos + Math.max(0, delay.toNanos()), random.nextLong(), action));
  }

  /** Runs what it is given soon, each task after a delay of its own, so order is not kept. */
  public Executor executor(Duration delayMax) {
    return action -> after(upTo(delayMax), action);
  }

  /** Runs the next task; false when there is none. */
  public boolean runOne() {
    Task task = tasks.poll();
    if (task == null) {
      return false;
    }
    nowNanos = Math.max(nowNanos, task.dueNanos);
    tasksRun++;
    task.action.run();
    return true;
  }

  /** Runs all that is due within this time; then that much time has passed. */
  public void runFor(Duration time) {
    long end = nowNanos + time.toNanos();
    while (!tasks.isEmpty() && tasks.element().dueNanos <= end) {
      runOne();
    }
    nowNanos = Math.max(nowNanos, end);
  }

  /** Runs until the condition holds, looked at after each task; false when the time is over. */
  public boolean runUntil(BooleanSupplier condition, Duration limit) {
    long end = nowNanos + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (tasks.isEmpty() || tasks.element().dueNanos > end) {
        nowNanos = Math.max(nowNanos, end);
        return condition.getAsBoolean();
      }
      runOne();
    }
    return true;
  }

  /** True with this probability. */
  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** From 0 to one less than the bound. */
  public int pick(int bound) {
    return random.nextInt(bound);
  }

  public long nextLong() {
    return random.nextLong();
  }

  /** From zero to this, shorter ones rather than longer ones. */
  public Duration upTo(Duration most) {
    double share = random.nextDouble();
    return Duration.ofNanos((long) (most.toNanos() * share * share));
  }
}
