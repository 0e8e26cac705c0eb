package dev.tocsin.ingest.receive;

import dev.tocsin.ingest.ports.RefusedException;
import java.util.random.RandomGenerator;

/**
 * When a refused client should come again: at least the configured delay and up to twice that, at
 * random, so that clients refused together do not return together. Thread-safe if the randomness
 * is.
 */
public final class RetryDelay {
  private final long baseMs;
  private final RandomGenerator random;

  RetryDelay(long baseMs, RandomGenerator random) {
    this.baseMs = baseMs;
    this.random = random;
  }

  /** For one refusal: what it knows, else at random. */
  public long nextMs(RefusedException refusal) {
    return refusal.retryDelayMs(baseMs + random.nextLong(Math.max(1, baseMs)));
  }

  /**
   * As {@code Retry-After} writes it, at least 1. Known delays are rounded up, so that nobody comes
   * too early; random ones to the nearest, so that they stay apart.
   */
  public static long seconds(RefusedException refusal, long delayMs) {
    boolean known = refusal.retryDelayMs(0) > 0;
    return Math.max(1, known ? (delayMs + 999) / 1_000 : Math.round(delayMs / 1_000.0));
  }
}
