package dev.tocsin.app.bench;

/** The clocks and the timer of one lane; tests turn them by hand. */
interface Ticker {

  /** Monotonic, in nanoseconds. */
  long nanos();

  /** The time of day, in nanoseconds since 1970. */
  long epochNanos();

  /** Runs the action on the lane's thread, at the earliest after the delay. */
  void after(long delayNanos, Runnable action);
}
