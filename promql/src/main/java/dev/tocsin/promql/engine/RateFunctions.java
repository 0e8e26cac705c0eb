package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/** rate, increase, delta, irate and idelta. */
final class RateFunctions {
  private RateFunctions() {}

  static double rate(RangeWindow window) {
    return change(window, true, true);
  }

  static double increase(RangeWindow window) {
    return change(window, true, false);
  }

  static double delta(RangeWindow window) {
    return change(window, false, false);
  }

  private static double change(RangeWindow w, boolean counter, boolean perSecond) {
    if (w.edges != Edges.PLAIN) {
      return ExtendedRate.change(w, counter, perSecond);
    }
    if (w.histogramCount() > 0) {
      return ofHistograms(w, counter, perSecond);
    }
    if (w.total) {
      return TotalRate.change(w, counter, perSecond);
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

  private static double ofHistograms(RangeWindow w, boolean counter, boolean perSecond) {
    if (w.floats() > 0) {
      w.notes.mixedFloatsHistograms(w.metric(), w.place);
      return Absent.VALUE;
    } else if (w.histogramCount() < 2) {
      return Absent.VALUE;
    }
    Histogram increase = HistogramOverTime.increase(w, counter);
    if (increase == null) {
      return Absent.VALUE;
    }
    int n = w.histogramCount();
    double first = counter ? w.histogram(0).count() : -1;
    double factor =
        factor(w, w.histogramTime(0), w.histogramTime(n - 1), n, first, increase.count());
    return w.give(increase.times(perSecond ? factor / (w.rangeMs / 1000.0) : factor));
  }

  static double floatIncrease(RangeWindow w, boolean counter) {
    double[] values = w.values;
    int hi = w.hi;
    double previous = values[w.lo];
    double increase = values[hi - 1] - previous;
    if (counter && w.lastDrop > w.lo) {
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
    if (w.floats() + w.histogramCount() < 2) {
      return Absent.VALUE;
    }
    LastSamples last = new LastSamples(w);
    long lastTime = last.time;
    double lastValue = last.value;
    @Nullable Histogram lastHistogram = last.histogram;
    last.step();
    long interval = lastTime - last.time;
    if (interval == 0) {
      return Absent.VALUE;
    }
    Histogram before = last.histogram;
    if (lastHistogram != null && before != null) {
      return HistogramOverTime.lastTwo(w, before, lastHistogram, interval, rate);
    } else if (lastHistogram != null || before != null) {
      w.notes.mixedFloatsHistograms(w.metric(), w.place);
      return Absent.VALUE;
    }
    double change = rate && lastValue < last.value ? lastValue : lastValue - last.value;
    return Absent.clean(rate ? change / (interval / 1000.0) : change);
  }

  /** Walks the samples of a window backwards, floats and histograms together. */
  private static final class LastSamples {
    private final RangeWindow w;
    private int f;
    private int h;
    long time;
    double value;
    @Nullable Histogram histogram;

    LastSamples(RangeWindow w) {
      this.w = w;
      this.f = w.floats();
      this.h = w.histogramCount();
      step();
    }

    void step() {
      boolean takeFloat = h == 0 || (f > 0 && w.time(f - 1) > w.histogramTime(h - 1));
      if (takeFloat) {
        f--;
        time = w.time(f);
        value = w.value(f);
        histogram = null;
      } else {
        h--;
        time = w.histogramTime(h);
        histogram = w.histogram(h);
      }
    }
  }
}
