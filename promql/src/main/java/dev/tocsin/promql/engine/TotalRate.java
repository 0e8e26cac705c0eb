package dev.tocsin.promql.engine;

/**
 * rate, increase and delta of a {@link dev.tocsin.promql.series.SampleCursor#isTotalOfDeltas()
 * total of deltas}. Such a series is known at every moment and not only where it has samples, so it
 * has one at either edge of the window and nothing is extrapolated: the increase is what the deltas
 * add up to.
 */
final class TotalRate {
  private TotalRate() {}

  static double change(RangeWindow w, boolean counter, boolean perSecond) {
    if (w.floats() == 0) {
      return isAlive(w, w.times[w.before]) ? 0 : Absent.VALUE;
    }
    int samples = w.floats();
    long firstMs = w.times[w.lo];
    double first = w.values[w.lo];
    double increase = RateFunctions.floatIncrease(w, counter);
    if (firstMs > w.startMs + 1) {
      double left = w.before < 0 ? first : w.values[w.before];
      increase += counter && first < left ? first : first - left;
      firstMs = w.startMs + 1;
      first = left;
      samples++;
    }
    long lastMs = w.times[w.hi - 1];
    if (w.endMs > lastMs && isAlive(w, lastMs)) {
      lastMs = w.endMs;
      samples++;
    }
    if (samples < 2) {
      return Absent.VALUE;
    }
    double factor =
        RateFunctions.factor(w, firstMs, lastMs, samples, counter ? first : -1, increase);
    return Absent.clean(increase * (perSecond ? factor / (w.rangeMs / 1000.0) : factor));
  }

  /** It ends as long after its last delta as a series does that is no longer reported. */
  private static boolean isAlive(RangeWindow w, long lastMs) {
    return w.endMs <= lastMs + w.lookbackMs;
  }
}
