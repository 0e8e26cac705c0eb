package dev.tocsin.alert.window;

import dev.tocsin.otlp.wire.RecentItems;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows the deltas of the last minutes again: what a sender repeats, because it had no answer,
 * counts once. A delta is known by its series, start, time and value.
 *
 * <p>The window's lock guards it, but for {@link #count}.
 */
final class RepeatedDeltas {
  private final AtomicLong repeated = new AtomicLong();
  private RecentItems recent = items();
  private long nowMs;

  private RecentItems items() {
    return RecentItems.ofProcess(() -> Instant.ofEpochMilli(nowMs));
  }

  /** To be called with the samples that are thrown away: they may be read again. */
  void forget() {
    recent = items();
  }

  boolean isKnown(WindowSeries series, long startMs, long timeMs, double value, long atMs) {
    nowMs = atMs;
    boolean known =
        !recent.isNew(series.number(), startMs, timeMs, Double.doubleToRawLongBits(value));
    if (known) {
      repeated.incrementAndGet();
    }
    return known;
  }

  long count() {
    return repeated.get();
  }
}
