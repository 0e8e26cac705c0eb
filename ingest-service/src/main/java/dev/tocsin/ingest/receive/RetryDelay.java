package dev.tocsin.ingest.receive;

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

  /** For one refusal. */
  public long nextMs() {
    return baseMs + random.nextLong(Math.max(1, baseMs));
  }

  /** As {@code Retry-After} writes it: rounded, at least 1. */
  public static long seconds(long delayMs) {
    return Math.max(1, Math.round(delayMs / 1_000.0));
  }
}
