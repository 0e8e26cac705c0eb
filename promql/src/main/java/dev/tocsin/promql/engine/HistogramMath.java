package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.Histogram;

/** Arithmetic of native histograms as operators see it. */
final class HistogramMath {
  private HistogramMath() {}

  static Histogram negate(Histogram histogram) {
    return histogram;
  }
}
