package dev.tocsin.promql.histogram;

/** Tells whether a counter was reset between two of its histograms. */
final class CounterResets {
  private CounterResets() {}

  /**
   * Whether some count fell, or the layout became finer, which a counter does only when it starts
   * anew.
   */
  static boolean between(Histogram previous, Histogram current) {
    if (current.hint() == CounterResetHint.RESET) {
      return true;
    } else if (current.hint() == CounterResetHint.NOT_RESET) {
      return false;
    } else if (current.count() < previous.count()) {
      return true;
    }
    if (current.custom()) {
      return !previous.custom() || customReset(previous, current);
    }
    if (previous.custom() || current.schema() > previous.schema()) {
      return true;
    } else if (current.zeroThreshold() < previous.zeroThreshold()) {
      return true;
    }
    if (Layout.absorbable(previous, current.zeroThreshold()) != current.zeroThreshold()) {
      return true;
    }
    Histogram before =
        Layout.withSchema(
            Layout.withThreshold(previous, current.zeroThreshold()), current.schema());
    return current.zeroCount() < before.zeroCount()
        || fell(before.positive(), current.positive())
        || fell(before.negative(), current.negative());
  }

  private static boolean customReset(Histogram previous, Histogram current) {
    if (current.bounds().equals(previous.bounds())) {
      return fell(previous.positive(), current.positive());
    }
    CustomBounds common = Layout.intersection(previous.bounds(), current.bounds());
    return fell(
        Layout.rebucketed(previous.positive(), previous.bounds(), common),
        Layout.rebucketed(current.positive(), current.bounds(), common));
  }

  private static boolean fell(Buckets before, Buckets after) {
    for (int i = 0; i < before.size(); i++) {
      if (after.countAt(before.index(i)) < before.count(i)) {
        return true;
      }
    }
    return false;
  }
}
