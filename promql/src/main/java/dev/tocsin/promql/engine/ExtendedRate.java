package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.text.PromqlException;

/**
 * rate, increase and delta over anchored and smoothed windows: no extrapolation, the value at an
 * edge is that of the sample before it (anchored) or lies on the line between its neighbours
 * (smoothed).
 */
final class ExtendedRate {
  private ExtendedRate() {}

  static double change(RangeWindow w, boolean counter, boolean perSecond) {
    if (w.histogramCount() > 0) {
      throw PromqlException.execution(
          "smoothed and anchored modifiers do not work with native histograms");
    }
    boolean smoothed = w.edges == Edges.SMOOTHED;
    int first = firstIndex(w);
    int last = w.hi - 1;
    if (smoothed) {
      int at = w.lo;
      while (at < w.hi - 1 && w.times[at] < w.endMs) {
        at++;
      }
      last = at;
    }
    if (w.floats() == 0 || w.times[last] <= w.startMs) {
      return Absent.VALUE;
    }
    double left =
        smoothed && w.times[first] < w.startMs
            ? between(w, first, w.startMs, counter)
            : w.values[first];
    double right =
        smoothed && last > w.lo && w.times[last] > w.endMs
            ? between(w, last - 1, w.endMs, counter)
            : w.values[last];
    double change = right - left;
    if (counter) {
      int from = w.times[first] <= w.startMs ? first + 1 : first;
      int to = w.times[last] >= w.endMs ? last - 1 : last;
      change += resets(w, left, right, from, to);
    }
    return Absent.clean(perSecond ? change / (w.rangeMs / 1000.0) : change);
  }

  /** The last sample at or before the start of the window, or the first of all. */
  static int firstIndex(RangeWindow w) {
    int at = w.lo;
    while (at + 1 < w.hi && w.times[at + 1] <= w.startMs) {
      at++;
    }
    return at;
  }

  private static double between(RangeWindow w, int before, long timeMs, boolean counter) {
    double y1 = w.values[before];
    double y2 = w.values[before + 1];
    if (counter && y2 < y1) {
      y1 = 0;
    }
    return y1
        + (y2 - y1) * (timeMs - w.times[before]) / (double) (w.times[before + 1] - w.times[before]);
  }

  private static double resets(RangeWindow w, double left, double right, int from, int to) {
    double correction = 0;
    double previous = left;
    for (int i = from; i <= to; i++) {
      if (w.values[i] < previous) {
        correction += previous;
      }
      previous = w.values[i];
    }
    return right < previous ? correction + previous : correction;
  }
}
