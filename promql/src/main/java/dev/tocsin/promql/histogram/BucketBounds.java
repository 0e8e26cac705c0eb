package dev.tocsin.promql.histogram;

/** Where the buckets of a schema end. */
final class BucketBounds {
  private BucketBounds() {}

  /** Upper bound of bucket {@code index} of the positive side. */
  static double upper(Histogram histogram, int index) {
    if (!histogram.custom()) {
      return exponential(index, histogram.schema());
    }
    CustomBounds bounds = histogram.bounds();
    if (index < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    return index < bounds.size() ? bounds.get(index) : Double.POSITIVE_INFINITY;
  }

  static double lower(Histogram histogram, int index) {
    return upper(histogram, index - 1);
  }

  /** {@code base^index}; the last bucket below infinity ends at the greatest float. */
  static double exponential(int index, int schema) {
    if (schema <= 0) {
      long exponent = (long) index << -schema;
      return exponent == 1024 ? Double.MAX_VALUE : power(0, exponent);
    }
    int perDoubling = 1 << schema;
    int fraction = index & (perDoubling - 1);
    int exponent = index >> schema;
    if (fraction == 0 && exponent == 1024) {
      return Double.MAX_VALUE;
    }
    return power(fraction / (double) perDoubling, exponent);
  }

  private static double power(double fraction, long exponent) {
    int bounded = (int) Math.max(-2000, Math.min(2000, exponent));
    return Math.scalb(fraction == 0 ? 1 : Math.pow(2, fraction), bounded);
  }
}
