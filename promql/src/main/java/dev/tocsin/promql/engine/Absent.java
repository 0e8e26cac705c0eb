package dev.tocsin.promql.engine;

/**
 * The NaN that marks a step without a float; a stored value with these very bits becomes an
 * ordinary NaN.
 */
final class Absent {
  static final long BITS = 0x7ff0_0000_0a85_e27cL;
  static final double VALUE = Double.longBitsToDouble(BITS);

  private Absent() {}

  static boolean is(double value) {
    return Double.isNaN(value) && Double.doubleToRawLongBits(value) == BITS;
  }

  /** The value, never mistaken for the mark. */
  static double clean(double value) {
    return is(value) ? Double.NaN : value;
  }
}
