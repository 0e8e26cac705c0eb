package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.Labels;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One series of an intermediate result: a float, a histogram or nothing for every step. A step
 * without a float holds {@link Absent#VALUE}.
 */
final class StepSeries {
  final Labels labels;

  /** Whether the metric name goes once the query is done. */
  final boolean dropName;

  final double[] values;
  @Nullable Histogram @Nullable [] histograms;

  StepSeries(Labels labels, boolean dropName, double[] values) {
    this(labels, dropName, values, null);
  }

  StepSeries(
      Labels labels,
      boolean dropName,
      double[] values,
      @Nullable Histogram @Nullable [] histograms) {
    this.labels = labels;
    this.dropName = dropName;
    this.values = values;
    this.histograms = histograms;
  }

  /** A series without any point. */
  static StepSeries absent(Labels labels, boolean dropName, int steps) {
    return new StepSeries(labels, dropName, absentValues(steps));
  }

  static double[] absentValues(int steps) {
    double[] values = new double[steps];
    Arrays.fill(values, Absent.VALUE);
    return values;
  }

  boolean hasFloat(int step) {
    return !Absent.is(values[step]);
  }

  @Nullable Histogram histogram(int step) {
    return histograms == null ? null : histograms[step];
  }

  boolean has(int step) {
    return !Absent.is(values[step]) || (histograms != null && histograms[step] != null);
  }

  void set(int step, @Nullable Histogram histogram) {
    if (histogram != null) {
      if (histograms == null) {
        histograms = new @Nullable Histogram[values.length];
      }
      histograms[step] = histogram;
    }
  }

  /** Takes over a point of another series. */
  void copy(int step, StepSeries from) {
    values[step] = from.values[step];
    if (from.histograms != null) {
      set(step, from.histograms[step]);
    }
  }

  int pointCount() {
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      count += has(i) ? 1 : 0;
    }
    return count;
  }

  boolean isEmpty() {
    for (int i = 0; i < values.length; i++) {
      if (has(i)) {
        return false;
      }
    }
    return true;
  }

  StepSeries relabelled(Labels newLabels, boolean newDropName) {
    return new StepSeries(newLabels, newDropName, values, histograms);
  }

  /** This single point at each of many steps. */
  StepSeries repeated(int steps) {
    double[] repeated = new double[steps];
    Arrays.fill(repeated, values[0]);
    StepSeries series = new StepSeries(labels, dropName, repeated);
    Histogram histogram = histogram(0);
    if (histogram != null) {
      for (int i = 0; i < steps; i++) {
        series.set(i, histogram);
      }
    }
    return series;
  }
}
