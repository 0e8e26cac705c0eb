package dev.tocsin.alert.evaluate;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What the evaluation is doing, and when it last finished a turn. Written by the evaluation thread,
 * read by any.
 */
final class Activity {
  private final LongSupplier nanoTime;
  private volatile long finishedNanos;
  private volatile String doing = "starting";

  Activity(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.finishedNanos = nanoTime.getAsLong();
  }

  long millis() {
    return Duration.ofNanos(nanos()).toMillis();
  }

  /** By the monotonic clock. */
  long nanos() {
    return nanoTime.getAsLong();
  }

  void doing(String what) {
    doing = what;
  }

  void turnFinished() {
    doing = "waiting";
    finishedNanos = nanoTime.getAsLong();
  }

  String doing() {
    return doing;
  }

  /** Since the last turn was finished. */
  Duration sinceFinished() {
    return Duration.ofNanos(nanoTime.getAsLong() - finishedNanos);
  }
}
