package dev.tocsin.storage.ports;

import java.time.Instant;

/** From start to end, both inclusive. */
public record TimeRange(Instant start, Instant end) {

  /** Nanoseconds since 1970; ends of time are far enough. */
  public long startNanos() {
    return nanos(start);
  }

  public long endNanos() {
    return nanos(end);
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000 + at.getNano();
  }
}
