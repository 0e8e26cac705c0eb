package dev.tocsin.promql.histogram;

import java.util.Arrays;

/** Brings histograms to a common bucket layout. */
final class Layout {
  private Layout() {}

  /**
   * The threshold not below the wanted one at which the zero bucket can absorb buckets whole: one
   * that would cut a populated bucket moves to that bucket's far end.
   */
  static double absorbable(Histogram histogram, double wanted) {
    double threshold = wanted;
    while (true) {
      double grown = grow(histogram, histogram.positive(), threshold);
      grown = grow(histogram, histogram.negative(), grown);
      // Not by equality: a threshold that is no number equals nothing.
      if (!(grown > threshold)) {
        return threshold;
      }
      threshold = grown;
    }
  }

  private static double grow(Histogram histogram, Buckets side, double threshold) {
    for (int i = 0; i < side.size(); i++) {
      double upper = BucketBounds.exponential(side.index(i), histogram.schema());
      double lower = BucketBounds.exponential(side.index(i) - 1, histogram.schema());
      if (lower >= threshold) {
        break;
      } else if (upper > threshold && side.count(i) != 0) {
        return upper;
      }
    }
    return threshold;
  }

  /** How many buckets of a side lie below the threshold. */
  static int below(Buckets side, int schema, double threshold) {
    int count = 0;
    while (count < side.size()
        && BucketBounds.exponential(side.index(count) - 1, schema) < threshold) {
      count++;
    }
    return count;
  }

  /** The histogram with a zero bucket of a larger threshold, one that {@link #absorbable} gave. */
  static Histogram withThreshold(Histogram histogram, double threshold) {
    if (threshold == histogram.zeroThreshold()) {
      return histogram;
    }
    int positive = below(histogram.positive(), histogram.schema(), threshold);
    int negative = below(histogram.negative(), histogram.schema(), threshold);
    Histogram.Builder builder = histogram.toBuilder();
    builder.zeroThreshold = threshold;
    for (int i = 0; i < positive; i++) {
      builder.zeroCount += histogram.positive().count(i);
    }
    for (int i = 0; i < negative; i++) {
      builder.zeroCount += histogram.negative().count(i);
    }
    builder.positive = histogram.positive().from(positive);
    builder.negative = histogram.negative().from(negative);
    return builder.build();
  }

  /** The threshold both histograms can have. */
  static double commonThreshold(Histogram a, Histogram b) {
    double threshold = Math.max(a.zeroThreshold(), b.zeroThreshold());
    while (true) {
      double next = threshold;
      if (next > a.zeroThreshold()) {
        next = absorbable(a, next);
      }
      if (next > b.zeroThreshold()) {
        next = absorbable(b, next);
      }
      if (!(next > threshold)) {
        return threshold;
      }
      threshold = next;
    }
  }

  static Histogram withSchema(Histogram histogram, int schema) {
    int shift = histogram.schema() - schema;
    if (shift == 0) {
      return histogram;
    }
    Histogram.Builder builder = histogram.toBuilder();
    builder.schema = schema;
    builder.positive = histogram.positive().coarsen(shift);
    builder.negative = histogram.negative().coarsen(shift);
    return builder.build();
  }

  static CustomBounds intersection(CustomBounds a, CustomBounds b) {
    double[] common = new double[Math.min(a.size(), b.size())];
    int size = 0;
    int j = 0;
    for (int i = 0; i < a.size(); i++) {
      while (j < b.size() && b.get(j) < a.get(i)) {
        j++;
      }
      if (j < b.size() && b.get(j) == a.get(i)) {
        common[size++] = a.get(i);
      }
    }
    return CustomBounds.of(Arrays.copyOf(common, size));
  }

  /** Custom buckets joined into those of fewer bounds. */
  static Buckets rebucketed(Buckets buckets, CustomBounds from, CustomBounds to) {
    int[] indexes = new int[buckets.size()];
    double[] counts = new double[buckets.size()];
    int at = -1;
    for (int i = 0; i < buckets.size(); i++) {
      int index = buckets.index(i);
      double upper = index < from.size() ? from.get(index) : Double.POSITIVE_INFINITY;
      int target = 0;
      while (target < to.size() && to.get(target) < upper) {
        target++;
      }
      if (at < 0 || indexes[at] != target) {
        indexes[++at] = target;
      }
      counts[at] += buckets.count(i);
    }
    return new Buckets(Arrays.copyOf(indexes, at + 1), Arrays.copyOf(counts, at + 1));
  }
}
