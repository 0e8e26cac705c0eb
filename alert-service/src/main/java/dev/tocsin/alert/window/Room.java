package dev.tocsin.alert.window;

import dev.tocsin.alert.window.LiveWindow.Refusal;
import java.util.Optional;

/**
 * How much a window holds of what it may hold, and how far back it can afford to keep.
 *
 * <p>One rule that looks back for years must not take the room of all others. So when a window is
 * full, look-backs of more than {@link #ALWAYS_MS} give way, the longest first, and only when none
 * is left is anything new refused.
 *
 * <p>Not thread-safe; the window's lock guards it.
 */
final class Room {
  /** So far back everything is kept that rules look at. */
  static final long ALWAYS_MS = 600_000;

  private static final double TIGHT = 0.9;
  private static final double AMPLE = 0.5;

  private final WindowLimits limits;
  private int series;
  private long samples;
  private long labelCharacters;
  private long affordedMs = Long.MAX_VALUE;
  private long givenUpThroughMs = Long.MIN_VALUE;

  Room(WindowLimits limits) {
    this.limits = limits;
  }

  void clear() {
    series = 0;
    samples = 0;
    labelCharacters = 0;
    affordedMs = Long.MAX_VALUE;
    givenUpThroughMs = Long.MIN_VALUE;
  }

  void seriesAdded(long characters) {
    series++;
    labelCharacters += characters;
  }

  void seriesRemoved(long characters) {
    series--;
    labelCharacters -= characters;
  }

  void samplesAdded(int count) {
    samples += count;
  }

  void samplesRemoved(int count) {
    samples -= count;
  }

  int series() {
    return series;
  }

  long samples() {
    return samples;
  }

  /** Why one more series finds no room; empty when it does. */
  Optional<Refusal> refusesSeries(long characters) {
    if (series >= limits.seriesMax()) {
      return Optional.of(Refusal.SERIES_LIMIT);
    }
    return labelCharacters + characters > limits.labelsMax()
        ? Optional.of(Refusal.LABELS_LIMIT)
        : Optional.empty();
  }

  /** Why one more sample finds no room; empty when it does. */
  Optional<Refusal> refusesSample() {
    return samples >= limits.samplesMax() ? Optional.of(Refusal.SAMPLES_LIMIT) : Optional.empty();
  }

  /** Whether nearly nothing more goes in. */
  boolean isTight() {
    return isFuller(TIGHT);
  }

  private boolean isFuller(double share) {
    return samples > share * limits.samplesMax()
        || series > share * limits.seriesMax()
        || labelCharacters > share * limits.labelsMax();
  }

  /** How much of what rules want to look back there is room for. */
  long keptMs(long wantedMs) {
    return Math.min(wantedMs, affordedMs);
  }

  /**
   * Halves how far back is kept.
   *
   * @param spanMs how far back there is anything
   * @return whether that can help
   */
  boolean shorten(long spanMs, long nowMs) {
    long before = Math.min(affordedMs, spanMs);
    if (before <= ALWAYS_MS) {
      return false;
    }
    affordedMs = Math.max(ALWAYS_MS, before / 2);
    givenUpThroughMs = Math.max(givenUpThroughMs, nowMs - affordedMs);
    return true;
  }

  /** Looks whether more can be kept again, once what must not be seen has been forgotten. */
  void pruned(long nowMs) {
    if (affordedMs == Long.MAX_VALUE) {
      return;
    }
    givenUpThroughMs = Math.min(nowMs, Math.max(givenUpThroughMs, nowMs - affordedMs));
    if (!isFuller(AMPLE)) {
      affordedMs = affordedMs > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * affordedMs;
    }
  }

  /** The look-back from which on a rule would see what has been given up. */
  long completeMs(long nowMs) {
    return givenUpThroughMs == Long.MIN_VALUE ? Long.MAX_VALUE : nowMs - givenUpThroughMs;
  }
}
