package dev.tocsin.promql.engine;

/** sum_over_time and avg_over_time of native histograms. */
final class HistogramOverTime {
  private HistogramOverTime() {}

  static double sum(RangeWindow w) {
    return Absent.VALUE;
  }

  static double avg(RangeWindow w) {
    return Absent.VALUE;
  }
}
