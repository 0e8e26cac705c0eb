package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The value of a query. */
public sealed interface Value {
  /** A lone number. */
  record Scalar(long timestampMs, double value) implements Value {}

  /** A lone string. */
  record StringValue(long timestampMs, String value) implements Value {}

  /** One sample for each of a set of series, in the order the query asks for, else by labels. */
  record InstantVector(List<Sample> samples) implements Value {
    public InstantVector {
      samples = List.copyOf(samples);
    }
  }

  /** Samples over time for each of a set of series, by ascending labels. */
  record Matrix(List<MatrixSeries> series) implements Value {
    public Matrix {
      series = List.copyOf(series);
    }
  }

  /**
   * A sample of a series.
   *
   * @param histogram null when the sample is a float
   */
  record Sample(Labels labels, long timestampMs, double value, @Nullable Histogram histogram) {}
}
