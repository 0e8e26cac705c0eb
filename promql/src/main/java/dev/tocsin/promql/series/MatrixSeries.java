package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A series of a matrix: points by ascending time. Immutable. */
public final class MatrixSeries {
  private final Labels labels;
  private final long[] timestampsMs;
  private final double[] values;
  private final @Nullable Histogram @Nullable [] histograms;

  /**
   * The arrays, all of one length, belong to the series from here on.
   *
   * @param histograms null when all points are floats; an element is null when its point is one
   */
  public MatrixSeries(
      Labels labels,
      long[] timestampsMs,
      double[] values,
      @Nullable Histogram @Nullable [] histograms) {
    this.labels = labels;
    this.timestampsMs = timestampsMs;
    this.values = values;
    this.histograms = histograms;
  }

  public Labels labels() {
    return labels;
  }

  public int size() {
    return timestampsMs.length;
  }

  public long timestampMs(int i) {
    return timestampsMs[i];
  }

  /** The value of a point; 0 when it is a histogram. */
  public double value(int i) {
    return values[i];
  }

  /** The histogram of a point, null when it is a float. */
  public @Nullable Histogram histogram(int i) {
    return histograms == null ? null : histograms[i];
  }

  @Override
  public String toString() {
    return labels + " x " + size();
  }
}
