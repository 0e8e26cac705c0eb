package dev.tocsin.promql.engine;

import java.util.Arrays;

/** The *_over_time functions of floats, and changes and resets. */
final class OverTimeFunctions {
  private OverTimeFunctions() {}

  static double count(RangeWindow w) {
    return w.floats() + w.histogramCount();
  }

  static double present(RangeWindow w) {
    return 1;
  }

  static double last(RangeWindow w) {
    boolean histogram =
        w.histogramCount() > 0
            && (w.floats() == 0 || w.histogramTimes[w.histogramHi - 1] >= w.times[w.hi - 1]);
    return histogram
        ? w.give(w.histogram(w.histogramCount() - 1))
        : Absent.clean(w.values[w.hi - 1]);
  }

  static double first(RangeWindow w) {
    boolean histogram =
        w.histogramCount() > 0 && (w.floats() == 0 || w.histogramTime(0) <= w.time(0));
    return histogram ? w.give(w.histogram(0)) : Absent.clean(w.value(0));
  }

  static double timeOfFirst(RangeWindow w) {
    long floatTime = w.floats() > 0 ? w.time(0) : Long.MAX_VALUE;
    long histogramTime = w.histogramCount() > 0 ? w.histogramTime(0) : Long.MAX_VALUE;
    return Math.min(floatTime, histogramTime) / 1000.0;
  }

  static double timeOfLast(RangeWindow w) {
    long floatTime = w.floats() > 0 ? w.times[w.hi - 1] : Long.MIN_VALUE;
    long histogramTime =
        w.histogramCount() > 0 ? w.histogramTimes[w.histogramHi - 1] : Long.MIN_VALUE;
    return Math.max(floatTime, histogramTime) / 1000.0;
  }

  static double min(RangeWindow w) {
    int at = extreme(w, -1, false);
    return at < 0 ? Absent.VALUE : Absent.clean(w.values[at]);
  }

  static double max(RangeWindow w) {
    int at = extreme(w, 1, false);
    return at < 0 ? Absent.VALUE : Absent.clean(w.values[at]);
  }

  static double timeOfMin(RangeWindow w) {
    int at = extreme(w, -1, true);
    return at < 0 ? Absent.VALUE : w.times[at] / 1000.0;
  }

  static double timeOfMax(RangeWindow w) {
    int at = extreme(w, 1, true);
    return at < 0 ? Absent.VALUE : w.times[at] / 1000.0;
  }

  /**
   * Where the greatest (sign 1) or least (sign -1) float is, NaN only when all are; -1 without
   * floats.
   */
  private static int extreme(RangeWindow w, int sign, boolean latest) {
    if (w.floats() == 0) {
      return -1;
    }
    w.noteIgnoredHistograms();
    int best = w.lo;
    for (int i = w.lo; i < w.hi; i++) {
      double value = w.values[i] * sign;
      double bestValue = w.values[best] * sign;
      if (value > bestValue || (latest && value == bestValue) || Double.isNaN(bestValue)) {
        best = i;
      }
    }
    return best;
  }

  static double sum(RangeWindow w) {
    if (w.histogramCount() > 0) {
      return HistogramOverTime.sum(w);
    }
    Kahan kahan = new Kahan();
    for (int i = w.lo; i < w.hi; i++) {
      kahan.add(w.values[i]);
    }
    return Absent.clean(kahan.result());
  }

  static double avg(RangeWindow w) {
    if (w.histogramCount() > 0) {
      return HistogramOverTime.avg(w);
    }
    Average average = new Average();
    for (int i = w.lo; i < w.hi; i++) {
      average.add(w.values[i]);
    }
    return Absent.clean(average.result());
  }

  static double stdvar(RangeWindow w) {
    if (w.floats() == 0) {
      return Absent.VALUE;
    }
    w.noteIgnoredHistograms();
    Kahan mean = new Kahan();
    Kahan squares = new Kahan();
    double count = 0;
    for (int i = w.lo; i < w.hi; i++) {
      count++;
      double delta = w.values[i] - (mean.sum + mean.compensation);
      mean.add(delta / count);
      squares.add(delta * (w.values[i] - (mean.sum + mean.compensation)));
    }
    return Absent.clean((squares.sum + squares.compensation) / count);
  }

  static double stddev(RangeWindow w) {
    double variance = stdvar(w);
    return Absent.is(variance) ? variance : Math.sqrt(variance);
  }

  static double quantile(RangeWindow w) {
    if (w.floats() == 0) {
      return Absent.VALUE;
    }
    double q = w.argument0;
    if (!(q >= 0 && q <= 1)) {
      w.notes.invalidQuantile(q, w.place);
    }
    w.noteIgnoredHistograms();
    return Absent.clean(Quantiles.of(q, Arrays.copyOfRange(w.values, w.lo, w.hi)));
  }

  static double mad(RangeWindow w) {
    if (w.floats() == 0) {
      return Absent.VALUE;
    }
    w.noteIgnoredHistograms();
    double[] values = Arrays.copyOfRange(w.values, w.lo, w.hi);
    for (double value : values) {
      if (Double.isNaN(value)) {
        return Double.NaN;
      }
    }
    double median = Quantiles.of(0.5, values.clone());
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i] - median);
    }
    return Absent.clean(Quantiles.of(0.5, values));
  }

  static double smoothed(RangeWindow w) {
    double smoothing = w.argument0;
    double trend = w.argument1;
    requireOpenUnit("smoothing", "sf", smoothing);
    requireOpenUnit("trend", "tf", trend);
    if (w.floats() < 2) {
      if (w.floats() == 1) {
        w.noteIgnoredHistograms();
      }
      return Absent.VALUE;
    }
    w.noteIgnoredHistograms();
    double before = 0;
    double level = w.value(0);
    double slope = w.value(1) - w.value(0);
    for (int i = 1; i < w.floats(); i++) {
      if (i > 1) {
        slope = trend * (level - before) + (1 - trend) * slope;
      }
      double next = smoothing * w.value(i) + (1 - smoothing) * (level + slope);
      before = level;
      level = next;
    }
    return Absent.clean(level);
  }

  private static void requireOpenUnit(String name, String symbol, double factor) {
    if (factor <= 0 || factor >= 1) {
      throw dev.tocsin.promql.text.PromqlException.execution(
          String.format(
              java.util.Locale.ROOT,
              "invalid %s factor. Expected: 0 < %s < 1, got: %f",
              name,
              symbol,
              factor));
    }
  }
}
