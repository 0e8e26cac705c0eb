package dev.tocsin.promql.engine;

/**
 * A function of how much a series changes in a window: it has a result also where there is no
 * sample, if the series is known to stand still.
 */
record ChangeFunction(RangeFunction function) implements RangeFunction {
  @Override
  public double apply(RangeWindow window) {
    return function.apply(window);
  }

  @Override
  public boolean seesBefore() {
    return true;
  }
}
