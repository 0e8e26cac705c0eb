package dev.tocsin.incident.dispatch;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Begins at the time of another clock and then only goes on: for waits within this process, which
 * must not last longer because somebody sets that clock back.
 */
final class SteadyClock implements InstantSource {
  private final Instant begin;
  private final long beginNanos = System.nanoTime();

  SteadyClock(InstantSource clock) {
    this.begin = clock.instant();
  }

  @Override
  public Instant instant() {
    return begin.plusNanos(System.nanoTime() - beginNanos);
  }
}
