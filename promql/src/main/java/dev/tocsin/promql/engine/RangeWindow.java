package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.SourceRange;
import dev.tocsin.promql.ast.VectorSelector.Edges;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series that a range function sees at one step, and where it puts its result.
 */
final class RangeWindow {
  final Notes notes;
  final SourceRange place;
  final long rangeMs;
  final Edges edges;

  /** Samples in (startMs, endMs] are inside. */
  long startMs;

  long endMs;

  /** The step's own time, offset not applied. */
  long stepMs;

  Labels labels = Labels.empty();
  long[] times = new long[0];
  double[] values = new double[0];
  int lo;
  int hi;

  /** When it is not above lo, no float of the window is lower than the one before it. */
  int lastDrop;

  /** Whether the series is a total of deltas, which is known between its samples. */
  boolean total;

  /** Of a total, the last float that is not after the start of the window; negative when none. */
  int before = -1;

  /** How long a value stands without a newer one. */
  long lookbackMs;

  long[] histogramTimes = new long[0];
  @Nullable Histogram[] histograms = new @Nullable Histogram[0];
  int histogramLo;
  int histogramHi;

  /** Scalar arguments at this step. */
  double argument0;

  double argument1;

  /** Set by functions whose result is a histogram; they return {@link Absent#VALUE}. */
  @Nullable Histogram result;

  RangeWindow(Notes notes, SourceRange place, long rangeMs, Edges edges) {
    this.notes = notes;
    this.place = place;
    this.rangeMs = rangeMs;
    this.edges = edges;
  }

  void view(SampleReader reader) {
    times = reader.times;
    values = reader.values;
    lo = reader.lo;
    hi = reader.hi;
    lastDrop = reader.lastDrop;
    histogramTimes = reader.histogramTimes;
    histograms = reader.histograms;
    histogramLo = reader.histogramLo;
    histogramHi = reader.histogramHi;
  }

  /** Leaves the floats up to a time outside, but knows the last of them. */
  void beginTotalAfter(long timeMs) {
    int first = lo;
    while (first < hi && times[first] <= timeMs) {
      first++;
    }
    before = first > lo ? first - 1 : -1;
    lo = first;
  }

  int floats() {
    return hi - lo;
  }

  int histogramCount() {
    return histogramHi - histogramLo;
  }

  double value(int i) {
    return values[lo + i];
  }

  long time(int i) {
    return times[lo + i];
  }

  Histogram histogram(int i) {
    return Objects.requireNonNull(histograms[histogramLo + i]);
  }

  long histogramTime(int i) {
    return histogramTimes[histogramLo + i];
  }

  String metric() {
    return labels.metricName();
  }

  /** For functions of floats only: notes that histograms were passed over. */
  void noteIgnoredHistograms() {
    if (histogramCount() > 0) {
      notes.histogramIgnoredInMixedRange(metric(), place);
    }
  }

  double give(Histogram histogram) {
    result = histogram;
    return Absent.VALUE;
  }
}
