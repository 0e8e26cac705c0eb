package dev.tocsin.alert.window;

/**
 * Tells when the wall clock was set: it then moved further, or back, than time has passed. A
 * machine that stood still without its monotonic clock running looks the same, and means the same.
 */
public final class ClockWatch {
  /** Less is drift, or the clock being slewed. */
  private static final long STEP_MIN_MS = 5_000;

  private boolean running;
  private long wallMs;
  private long monotonicMs;

  /** By how much the clock has been set since the last call; 0 when it was not. */
  public long step(long nowMs, long nowMonotonicMs) {
    long step = running ? (nowMs - wallMs) - (nowMonotonicMs - monotonicMs) : 0;
    running = true;
    wallMs = nowMs;
    monotonicMs = nowMonotonicMs;
    return Math.abs(step) >= STEP_MIN_MS ? step : 0;
  }
}
