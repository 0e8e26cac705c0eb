package dev.tocsin.ingest.access;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket, kept as the time at which it will be full again (GCRA): exact, without a timer,
 * without a lock. Times are those of a monotonic clock in nanoseconds. Thread-safe.
 */
final class Rate {
  private final double nanosPerUnit;
  private final long burstNanos;
  private final AtomicLong fullAt;

  private Rate(double nanosPerUnit, long burstNanos, long now) {
    this.nanosPerUnit = nanosPerUnit;
    this.burstNanos = burstNanos;
    this.fullAt = new AtomicLong(now);
  }

  /**
   * @param units granted in each period; 0 for no limit
   * @param burst how many units a full bucket holds
   */
  static Rate of(long units, long periodNanos, long burst, long now) {
    if (units == 0) {
      return new Rate(0, 1, now);
    }
    double nanosPerUnit = (double) periodNanos / units;
    return new Rate(nanosPerUnit, (long) Math.ceil(burst * nanosPerUnit), now);
  }

  /** Takes the units if they are there. Returns 0, or how long until they will be. */
  long take(long units, long now) {
    long cost = cost(units);
    while (true) {
      long before = fullAt.get();
      long after = later(before, now) + cost;
      long wait = after - now - burstNanos;
      if (wait > 0) {
        return wait;
      }
      if (fullAt.compareAndSet(before, after)) {
        return 0;
      }
    }
  }

  /** How long until anything is in the bucket; 0 when something is. */
  long untilPositive(long now) {
    long wait = fullAt.get() - now - burstNanos + 1;
    return nanosPerUnit == 0 ? 0 : Math.max(0, wait);
  }

  /** Takes the units even if they are not there: the bucket may owe afterwards. */
  void charge(long units, long now) {
    long cost = cost(units);
    if (cost > 0) {
      long unused = fullAt.updateAndGet(before -> later(before, now) + cost);
    }
  }

  private long cost(long units) {
    return (long) (units * nanosPerUnit);
  }

  /** Clock values may wrap around: only their difference can be compared. */
  private static long later(long a, long b) {
    return a - b > 0 ? a : b;
  }
}
