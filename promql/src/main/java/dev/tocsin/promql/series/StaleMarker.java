package dev.tocsin.promql.series;

/** The NaN that says "this series ends here"; every other NaN is a value. */
public final class StaleMarker {
  /** The bit pattern Prometheus uses. */
  public static final long BITS = 0x7ff0000000000002L;

  /** A double of that pattern; compare with {@link #is(double)}, never with {@code ==}. */
  public static final double VALUE = Double.longBitsToDouble(BITS);

  private StaleMarker() {}

  public static boolean is(double value) {
    return Double.isNaN(value) && Double.doubleToRawLongBits(value) == BITS;
  }
}
