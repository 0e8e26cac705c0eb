package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.histogram.HistogramSum;
import org.jspecify.annotations.Nullable;

/** Range functions of native histograms. */
final class HistogramOverTime {
  private HistogramOverTime() {}

  static double sum(RangeWindow w) {
    return total(w, false);
  }

  static double avg(RangeWindow w) {
    return total(w, true);
  }

  private static double total(RangeWindow w, boolean mean) {
    if (w.floats() > 0) {
      w.notes.mixedFloatsHistograms(w.metric(), w.place);
      return Absent.VALUE;
    }
    HistogramMean total = new HistogramMean(mean);
    for (int i = 0; i < w.histogramCount(); i++) {
      if (!total.add(w.histogram(i))) {
        w.notes.mixedExponentialCustom(w.metric(), w.place);
        return Absent.VALUE;
      }
    }
    if (total.collides()) {
      w.notes.counterResetCollision("aggregation", w.place);
    }
    if (total.reconciled()) {
      w.notes.boundsReconciled("aggregation", w.place);
    }
    return w.give(total.result());
  }

  /**
   * The increase over the window without extrapolation, or null when the histograms do not fit
   * together.
   */
  static @Nullable Histogram increase(RangeWindow w, boolean counter) {
    int n = w.histogramCount();
    noteHints(w, counter);
    Histogram first = w.histogram(0);
    Histogram base = first;
    boolean firstReset = counter && w.histogram(1).resetSince(first);
    if (firstReset) {
      base = w.histogram(1).emptied();
    }
    for (int i = 1; i < n; i++) {
      if (w.histogram(i).custom() != base.custom()) {
        w.notes.mixedExponentialCustom(w.metric(), w.place);
        return null;
      }
    }
    HistogramSum sum = new HistogramSum(w.histogram(n - 1).withHint(CounterResetHint.GAUGE));
    addAligned(sum, base.times(-1));
    if (sum.reconciled()) {
      w.notes.boundsReconciled("subtraction", w.place);
    }
    if (counter) {
      boolean reconciledBefore = sum.reconciled();
      Histogram previous = base;
      for (int i = 1; i < n; i++) {
        Histogram current = w.histogram(i);
        if (i == 1 ? firstReset : current.resetSince(previous)) {
          addAligned(sum, previous);
          if (!reconciledBefore && sum.reconciled()) {
            w.notes.boundsReconciled("addition", w.place);
          }
        }
        previous = current;
      }
    }
    Histogram lowest = coarsest(w, counter, firstReset);
    addAligned(sum, lowest);
    return sum.result().withHint(CounterResetHint.GAUGE);
  }

  /**
   * An empty histogram of the coarsest schema in the window: adding it brings the sum to that
   * schema.
   */
  private static Histogram coarsest(RangeWindow w, boolean counter, boolean skipFirst) {
    int n = w.histogramCount();
    Histogram coarsest = w.histogram(n - 1);
    for (int i = skipFirst ? 1 : 0; i < n; i++) {
      boolean relevant = counter || i == 0;
      if (relevant && w.histogram(i).schema() < coarsest.schema()) {
        coarsest = w.histogram(i);
      }
    }
    return coarsest.emptied();
  }

  private static void addAligned(HistogramSum sum, Histogram addend) {
    if (!sum.add(addend)) {
      throw new IllegalStateException("histograms of different kinds");
    }
  }

  private static void noteHints(RangeWindow w, boolean counter) {
    int n = w.histogramCount();
    if (counter) {
      for (int i = 0; i < n; i++) {
        if (w.histogram(i).hint() == CounterResetHint.GAUGE) {
          w.notes.notCounter(w.metric(), w.place);
        }
      }
    } else if (w.histogram(0).hint() != CounterResetHint.GAUGE
        || w.histogram(n - 1).hint() != CounterResetHint.GAUGE) {
      w.notes.notGauge(w.metric(), w.place);
    }
  }

  /** irate and idelta over the last two histograms. */
  static double lastTwo(
      RangeWindow w, Histogram before, Histogram last, long intervalMs, boolean rate) {
    boolean gauges =
        before.hint() == CounterResetHint.GAUGE && last.hint() == CounterResetHint.GAUGE;
    boolean anyGauge =
        before.hint() == CounterResetHint.GAUGE || last.hint() == CounterResetHint.GAUGE;
    if (rate && anyGauge) {
      w.notes.notCounter(w.metric(), w.place);
    } else if (!rate && !gauges) {
      w.notes.notGauge(w.metric(), w.place);
    }
    Histogram result = last;
    if (!rate || !last.resetSince(before)) {
      HistogramSum difference = HistogramSum.of(last, before.times(-1));
      if (difference == null) {
        w.notes.mixedExponentialCustom(w.metric(), w.place);
        return Absent.VALUE;
      }
      if (difference.reconciled()) {
        w.notes.boundsReconciled("subtraction", w.place);
      }
      result = difference.result();
    }
    result = result.withHint(CounterResetHint.GAUGE).compact();
    return w.give(rate ? result.dividedBy(intervalMs / 1000.0) : result);
  }
}
