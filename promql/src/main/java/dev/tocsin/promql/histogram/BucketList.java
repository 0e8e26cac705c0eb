package dev.tocsin.promql.histogram;

import java.util.ArrayList;
import java.util.List;

/** The buckets of a histogram by ascending bounds. */
final class BucketList {
  private BucketList() {}

  /** All populated buckets: negative, zero, positive. */
  static List<Bucket> all(Histogram histogram) {
    List<Bucket> buckets = new ArrayList<>();
    for (int i = histogram.negative().size() - 1; i >= 0; i--) {
      add(buckets, negative(histogram, i));
    }
    if (histogram.zeroCount() != 0) {
      double edge = histogram.zeroThreshold();
      buckets.add(new Bucket(-edge, edge, true, true, histogram.zeroCount()));
    }
    for (int i = 0; i < histogram.positive().size(); i++) {
      add(buckets, positive(histogram, i));
    }
    return buckets;
  }

  private static void add(List<Bucket> buckets, Bucket bucket) {
    if (bucket.count() != 0) {
      buckets.add(bucket);
    }
  }

  static Bucket positive(Histogram histogram, int i) {
    int index = histogram.positive().index(i);
    double lower = BucketBounds.lower(histogram, index);
    if (!histogram.custom() && lower < histogram.zeroThreshold()) {
      lower = Math.min(histogram.zeroThreshold(), BucketBounds.upper(histogram, index));
    }
    double upper = BucketBounds.upper(histogram, index);
    boolean inclusive = lower < 0 && histogram.custom() && Double.isInfinite(lower);
    return new Bucket(lower, upper, inclusive, true, histogram.positive().count(i));
  }

  static Bucket negative(Histogram histogram, int i) {
    int index = histogram.negative().index(i);
    double lower = BucketBounds.exponential(index - 1, histogram.schema());
    if (lower < histogram.zeroThreshold()) {
      lower =
          Math.min(histogram.zeroThreshold(), BucketBounds.exponential(index, histogram.schema()));
    }
    double upper = BucketBounds.exponential(index, histogram.schema());
    return new Bucket(-upper, -lower, true, false, histogram.negative().count(i));
  }
}
