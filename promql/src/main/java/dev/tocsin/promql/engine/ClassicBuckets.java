package dev.tocsin.promql.engine;

import java.util.Arrays;

/** The buckets of one classic histogram at one step: upper bounds with cumulative counts. */
final class ClassicBuckets {
  /** Relative difference below which two counts are the same but for rounding. */
  private static final double TOLERANCE = 1e-12;

  private final double[] bounds;
  private final double[] counts;
  private int size;
  private boolean fixed;

  ClassicBuckets(int capacity) {
    this.bounds = new double[capacity];
    this.counts = new double[capacity];
  }

  void add(double bound, double count) {
    bounds[size] = bound;
    counts[size++] = count;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether {@link #prepare()} had to raise a count by more than rounding. */
  boolean fixed() {
    return fixed;
  }

  /**
   * Sorts, joins equal bounds and makes the counts ascend. False when no bucket reaches to +Inf or
   * it is empty.
   */
  private boolean prepare() {
    Integer[] order = new Integer[size];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(bounds[a], bounds[b]));
    double[] sortedBounds = new double[size];
    double[] sortedCounts = new double[size];
    int to = -1;
    for (int i : order) {
      if (to >= 0 && sortedBounds[to] == bounds[i]) {
        sortedCounts[to] += counts[i];
      } else {
        sortedBounds[++to] = bounds[i];
        sortedCounts[to] = counts[i];
      }
    }
    size = to + 1;
    System.arraycopy(sortedBounds, 0, bounds, 0, size);
    System.arraycopy(sortedCounts, 0, counts, 0, size);
    if (bounds[size - 1] != Double.POSITIVE_INFINITY) {
      return false;
    }
    ascend();
    return size >= 2;
  }

  private void ascend() {
    double previous = counts[0];
    for (int i = 1; i < size; i++) {
      double count = counts[i];
      if (count == previous) {
        continue;
      }
      if (almostEqual(previous, count)) {
        counts[i] = previous;
        continue;
      }
      if (count < previous) {
        counts[i] = previous;
        fixed = true;
        continue;
      }
      previous = count;
    }
  }

  private static boolean almostEqual(double a, double b) {
    double difference = Math.abs(a - b);
    return difference / Math.min(Math.abs(a) + Math.abs(b), Double.MAX_VALUE) < TOLERANCE;
  }

  double quantile(double q) {
    if (Double.isNaN(q)) {
      return Double.NaN;
    } else if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    } else if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (!prepare()) {
      return Double.NaN;
    }
    double observations = counts[size - 1];
    if (observations == 0 || Double.isNaN(observations)) {
      return Double.NaN;
    }
    double rank = q * observations;
    int b = 0;
    while (b < size - 1 && counts[b] < rank) {
      b++;
    }
    if (b == size - 1) {
      return bounds[size - 2];
    } else if (b == 0 && bounds[0] <= 0) {
      return bounds[0];
    }
    double start = 0;
    double end = bounds[b];
    double count = counts[b];
    if (b > 0) {
      start = bounds[b - 1];
      count -= counts[b - 1];
      rank -= counts[b - 1];
    }
    return start + (end - start) * (rank / count);
  }

  /**
   * The share of observations between two values; see the quantile for how values lie in buckets.
   */
  double fraction(double lower, double upper) {
    if (size == 0 || (!prepare() && bounds[size - 1] != Double.POSITIVE_INFINITY)) {
      return Double.NaN;
    }
    double total = counts[size - 1];
    if (total == 0 || Double.isNaN(total) || Double.isNaN(lower) || Double.isNaN(upper)) {
      return Double.NaN;
    } else if (lower >= upper) {
      return 0;
    }
    return (rank(upper) - rank(lower)) / total;
  }

  /** How many observations are below a value. */
  private double rank(double value) {
    double below = 0;
    for (int i = 0; i < size; i++) {
      double start = i > 0 ? bounds[i - 1] : bounds[0] > 0 ? 0 : Double.NEGATIVE_INFINITY;
      double end = bounds[i];
      if (start >= value) {
        return below;
      } else if (end > value) {
        if (Double.isInfinite(start)) {
          return Double.isInfinite(end) ? below : counts[i];
        }
        return Double.isInfinite(end)
            ? below
            : below + (counts[i] - below) * (value - start) / (end - start);
      }
      below = counts[i];
    }
    return below;
  }
}
