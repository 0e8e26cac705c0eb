package dev.tocsin.segment.metric;

/**
 * A sample that says "a running total began here, and its first point came so much later": a NaN
 * with that length of time in its bits, at the start time of the point. Whoever writes points does
 * not know what is stored of their series, so whoever reads decides: the total was zero at its
 * start when no sample of the series lies between, else the marker says nothing, as the start was
 * told before or is not to be believed. So a marker may be written any number of times. It never
 * takes the place of a sample of the same time.
 */
public final class BeginMarker {
  /** A quiet NaN that no arithmetic makes; neither is it Prometheus's staleness marker. */
  private static final long BITS = 0x7FFE_0000_0000_0000L;

  private static final long MASK = 0xFFFE_0000_0000_0000L;
  private static final long LENGTH_MASK = (1L << 40) - 1;

  private BeginMarker() {}

  /**
   * @param lengthMs from the start to the first point; 34 years at most
   */
  public static double of(long lengthMs) {
    if (lengthMs < 1 || lengthMs > LENGTH_MASK) {
      throw new IllegalArgumentException(
          "length: " + lengthMs + " ms (expected: 1-" + LENGTH_MASK + ")");
    }
    return Double.longBitsToDouble(BITS | lengthMs);
  }

  /** Whether a value is one, by its bits. */
  public static boolean is(double value) {
    return Double.isNaN(value) && (Double.doubleToRawLongBits(value) & MASK) == BITS;
  }

  /** Milliseconds from its time to that of the first point. */
  static long lengthMs(double marker) {
    return Double.doubleToRawLongBits(marker) & LENGTH_MASK;
  }
}
