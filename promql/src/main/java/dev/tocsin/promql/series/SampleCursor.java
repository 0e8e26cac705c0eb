package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series in strictly ascending time. A sample is a float or a native histogram.
 * The end of a series is marked by a float sample with the bits {@link StaleMarker#BITS}.
 */
public interface SampleCursor {
  /**
   * Moves to the next sample, the first at the first call.
   *
   * @return false when there is none
   */
  boolean next();

  /** Milliseconds since 1970 of the current sample. */
  long timestampMs();

  /** The float value of the current sample; undefined when it is a histogram. */
  double value();

  /** The histogram of the current sample, null when it is a float. */
  default @Nullable Histogram histogram() {
    return null;
  }

  /**
   * Whether the samples are the running total of what was reported as deltas: then it is known at
   * every moment, and {@code rate} and {@code increase} need not extrapolate. Such a cursor may
   * begin before the time that was asked for.
   */
  default boolean isTotalOfDeltas() {
    return false;
  }

  /**
   * Copies floats in bulk: from the next sample on, up to {@code max} samples that are all floats
   * and not after {@code untilMs}, moving past them. The engine falls back to {@link #next()} when
   * this returns 0, which it may always do.
   *
   * @return how many were copied to the arrays from {@code at} on
   */
  default int read(long untilMs, long[] timestampsMs, double[] values, int at, int max) {
    return 0;
  }
}
