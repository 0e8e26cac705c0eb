package dev.tocsin.promql.engine;

/** rate, increase, delta, irate and idelta. */
final class RateFunctions {
  private RateFunctions() {}

  static double rate(RangeWindow window) {
    return extrapolated(window, true, true);
  }

  static double increase(RangeWindow window) {
    return extrapolated(window, true, false);
  }

  static double delta(RangeWindow window) {
    return extrapolated(window, false, false);
  }

  private static double extrapolated(RangeWindow w, boolean counter, boolean perSecond) {
    if (w.floats() > 0 && w.histogramCount() > 0) {
      w.notes.mixedFloatsHistograms(w.metric(), w.place);
      return Absent.VALUE;
    }
    if (w.floats() < 2) {
      return Absent.VALUE;
    }
    double increase = floatIncrease(w, counter);
    double factor =
        factor(
            w,
            w.times[w.lo],
            w.times[w.hi - 1],
            w.floats(),
            counter ? w.values[w.lo] : -1,
            increase);
    return Absent.clean(increase * (perSecond ? factor / (w.rangeMs / 1000.0) : factor));
  }

  private static double floatIncrease(RangeWindow w, boolean counter) {
    double[] values = w.values;
    int hi = w.hi;
    double previous = values[w.lo];
    double increase = values[hi - 1] - previous;
    if (counter) {
      for (int i = w.lo + 1; i < hi; i++) {
        double value = values[i];
        if (value < previous) {
          increase += previous;
        }
        previous = value;
      }
    }
    return increase;
  }

  /**
   * How much longer than the sampled interval the window is taken to be covered. A series reaches
   * to the edge of the window when its first (last) sample is no farther from it than 1.1 average
   * sample distances, else half a distance beyond that sample; a counter never reaches back beyond
   * where it would have been zero.
   */
  static double factor(
      RangeWindow w, long firstMs, long lastMs, int samples, double first, double increase) {
    double toStart = (firstMs - w.startMs) / 1000.0;
    double toEnd = (w.endMs - lastMs) / 1000.0;
    double sampled = (lastMs - firstMs) / 1000.0;
    double average = sampled / (samples - 1);
    double threshold = average * 1.1;
    if (toStart >= threshold) {
      toStart = average / 2;
    }
    if (increase > 0 && first >= 0) {
      toStart = Math.min(toStart, sampled * (first / increase));
    }
    if (toEnd >= threshold) {
      toEnd = average / 2;
    }
    return (sampled + toStart + toEnd) / sampled;
  }

  static double irate(RangeWindow window) {
    return lastTwo(window, true);
  }

  static double idelta(RangeWindow window) {
    return lastTwo(window, false);
  }

  private static double lastTwo(RangeWindow w, boolean rate) {
    if (w.floats() < 2) {
      return Absent.VALUE;
    }
    double last = w.values[w.hi - 1];
    double before = w.values[w.hi - 2];
    long interval = w.times[w.hi - 1] - w.times[w.hi - 2];
    if (interval == 0) {
      return Absent.VALUE;
    }
    double change = rate && last < before ? last : last - before;
    return Absent.clean(rate ? change / (interval / 1000.0) : change);
  }
}
