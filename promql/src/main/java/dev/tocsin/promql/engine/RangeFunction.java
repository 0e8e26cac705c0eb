package dev.tocsin.promql.engine;

/** A function of the samples in a window. */
@FunctionalInterface
interface RangeFunction {
  /**
   * The float result, or {@link Absent#VALUE} for none or for a histogram put in {@link
   * RangeWindow#result}.
   */
  double apply(RangeWindow window);

  /** Whether it has a result of a total of deltas by what the total was before the window. */
  default boolean seesBefore() {
    return false;
  }
}
