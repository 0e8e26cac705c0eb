package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/** deriv, predict_linear, changes and resets. */
final class TrendFunctions {
  private TrendFunctions() {}

  static double deriv(RangeWindow w) {
    if (tooFew(w)) {
      return Absent.VALUE;
    }
    return Absent.clean(new Line(w, w.time(0)).slope);
  }

  static double predictLinear(RangeWindow w) {
    if (tooFew(w)) {
      return Absent.VALUE;
    }
    Line line = new Line(w, w.stepMs);
    return Absent.clean(line.slope * w.argument0 + line.intercept);
  }

  private static boolean tooFew(RangeWindow w) {
    if (w.floats() > 0) {
      w.noteIgnoredHistograms();
    }
    return w.floats() < 2;
  }

  /** The least-squares line through the floats of a window. */
  private static final class Line {
    final double slope;
    final double intercept;

    Line(RangeWindow w, long originMs) {
      Kahan x = new Kahan();
      Kahan y = new Kahan();
      Kahan xy = new Kahan();
      Kahan xx = new Kahan();
      boolean constant = true;
      double first = w.value(0);
      for (int i = w.lo; i < w.hi; i++) {
        double value = w.values[i];
        constant &= i == w.lo || value == first;
        double seconds = (w.times[i] - originMs) / 1000.0;
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        xx.add(seconds * seconds);
      }
      if (constant) {
        slope = Double.isInfinite(first) ? Double.NaN : 0;
        intercept = Double.isInfinite(first) ? Double.NaN : first;
        return;
      }
      double n = w.floats();
      double sumX = x.sum + x.compensation;
      double sumY = y.sum + y.compensation;
      double covariance = xy.sum + xy.compensation - sumX * sumY / n;
      double variance = xx.sum + xx.compensation - sumX * sumX / n;
      slope = covariance / variance;
      intercept = sumY / n - slope * sumX / n;
    }
  }

  static double changes(RangeWindow w) {
    return count(w, false);
  }

  static double resets(RangeWindow w) {
    return count(w, true);
  }

  private static double count(RangeWindow w, boolean resets) {
    boolean anchored = w.edges == Edges.ANCHORED;
    if (anchored && (w.floats() == 0 || w.times[w.hi - 1] <= w.startMs)) {
      return Absent.VALUE;
    }
    int f = anchored ? ExtendedRate.firstIndex(w) - w.lo : 0;
    int h = 0;
    int count = 0;
    boolean any = false;
    double value = 0;
    Histogram histogram = null;
    while (f < w.floats() || h < w.histogramCount()) {
      double valueBefore = value;
      Histogram histogramBefore = histogram;
      if (h >= w.histogramCount() || (f < w.floats() && w.time(f) < w.histogramTime(h))) {
        value = w.value(f++);
        histogram = null;
      } else {
        histogram = w.histogram(h++);
      }
      if (any && differs(valueBefore, histogramBefore, value, histogram, resets)) {
        count++;
      }
      any = true;
    }
    return count;
  }

  private static boolean differs(
      double before,
      @Nullable Histogram histogramBefore,
      double value,
      @Nullable Histogram histogram,
      boolean resets) {
    if (histogramBefore == null && histogram == null) {
      return resets
          ? value < before
          : value != before && !(Double.isNaN(value) && Double.isNaN(before));
    } else if (histogramBefore == null || histogram == null) {
      return true;
    }
    return resets ? histogram.resetSince(histogramBefore) : !histogram.equals(histogramBefore);
  }
}
