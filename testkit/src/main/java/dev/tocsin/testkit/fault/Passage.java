package dev.tocsin.testkit.fault;

import java.time.Duration;

/**
 * What happens to the bytes of one direction. Faults can be put together, such as latency and a
 * cut.
 *
 * @param latency how long each byte is on its way; order is kept
 * @param bytesMax a connection is reset when so many bytes of it have passed since this applies;
 *     one with 0 is reset when its next byte is due
 */
public record Passage(Flow flow, Duration latency, long bytesMax) {
  /** Nothing is wrong. */
  public static final Passage CLEAR = new Passage(Flow.PASS, Duration.ZERO, Long.MAX_VALUE);

  /** Whether bytes arrive at all. */
  public enum Flow {
    PASS,
    /** Nothing passes now; what waits goes on when this is over, as after a partition. */
    STALL,
    /** Bytes are taken and lost; a connection that lost some is reset when this is over. */
    SWALLOW
  }

  public Passage {
    if (latency.isNegative() || bytesMax < 0) {
      throw new IllegalArgumentException(
          "latency: %s, bytesMax: %d (expected: not negative)".formatted(latency, bytesMax));
    }
  }

  public Passage withLatency(Duration value) {
    return new Passage(flow, value, bytesMax);
  }

  public Passage stalled() {
    return new Passage(Flow.STALL, latency, bytesMax);
  }

  public Passage swallowed() {
    return new Passage(Flow.SWALLOW, latency, bytesMax);
  }

  public Passage cutAfter(long bytes) {
    return new Passage(flow, latency, bytes);
  }
}
