package dev.tocsin.promql.histogram;

/**
 * Cuts off the observations above (or below) a value; the bucket that holds it is divided by
 * interpolation.
 */
final class Trim {
  private final Histogram h;
  private final double cut;
  private final boolean keepBelow;
  private double count;
  private double sum;
  private boolean changed;

  private Trim(Histogram h, double cut, boolean keepBelow) {
    this.h = h;
    this.cut = cut;
    this.keepBelow = keepBelow;
  }

  static Histogram trim(Histogram h, double cut, boolean keepBelow) {
    return new Trim(h, cut, keepBelow).run();
  }

  private Histogram run() {
    Histogram.Builder builder = h.toBuilder();
    double[] positive = new double[h.positive().size()];
    for (int i = 0; i < positive.length; i++) {
      positive[i] = keep(BucketList.positive(h, i), h.custom());
    }
    double[] negative = new double[h.negative().size()];
    for (int i = 0; i < negative.length; i++) {
      negative[i] = keep(BucketList.negative(h, i), false);
    }
    if (h.zeroCount() != 0) {
      double edge = h.zeroThreshold();
      builder.zeroCount =
          keep(Quantile.oneSided(h, new Bucket(-edge, edge, true, true, h.zeroCount())), true);
    }
    if (!changed) {
      return h;
    }
    builder.positive = h.positive().withCounts(positive).compact();
    builder.negative = h.negative().withCounts(negative).compact();
    builder.count = count;
    builder.sum = count == 0 ? 0 : sum;
    return builder.build();
  }

  /** How much of a bucket stays; adds it to count and sum. */
  private double keep(Bucket bucket, boolean linear) {
    if (bucket.count() == 0) {
      return 0;
    }
    double kept;
    double value;
    if (Double.isInfinite(bucket.lower()) || Double.isInfinite(bucket.upper())) {
      kept = keptOfUnbounded(bucket);
      value = valueOfUnbounded(bucket);
    } else {
      double under = under(bucket, linear);
      kept = keepBelow ? under : bucket.count() - under;
      double lower = keepBelow ? bucket.lower() : Math.max(bucket.lower(), cut);
      double upper = keepBelow ? Math.min(bucket.upper(), cut) : bucket.upper();
      double middle = Math.sqrt(Math.abs(lower) * Math.abs(upper));
      value = linear ? (lower + upper) / 2 : bucket.lower() >= 0 ? middle : -middle;
    }
    changed |= kept != bucket.count();
    count += kept;
    sum += kept == 0 ? 0 : kept * value;
    return kept;
  }

  private double under(Bucket bucket, boolean linear) {
    double lower = bucket.lower();
    double upper = bucket.upper();
    if (cut <= lower) {
      return 0;
    } else if (cut >= upper) {
      return bucket.count();
    } else if (linear) {
      return bucket.count() * (cut - lower) / (upper - lower);
    }
    double logLower = Quantile.log2(Math.abs(lower));
    double logUpper = Quantile.log2(Math.abs(upper));
    double logCut = Quantile.log2(Math.abs(cut));
    double fraction =
        lower >= 0
            ? (logCut - logLower) / (logUpper - logLower)
            : 1 - (logCut - logUpper) / (logLower - logUpper);
    return bucket.count() * fraction;
  }

  /**
   * Nothing is known of how values lie in a bucket without end, except that one up to a positive
   * bound starts at 0.
   */
  private double keptOfUnbounded(Bucket bucket) {
    double all = bucket.count();
    if (cut == (keepBelow ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY)) {
      return all;
    } else if (Double.isInfinite(cut)) {
      return 0;
    }
    boolean fromBelow = Double.isInfinite(bucket.lower());
    if (fromBelow && Double.isInfinite(bucket.upper())) {
      return 0;
    } else if (!fromBelow) {
      return keepBelow ? 0 : all;
    }
    double upper = bucket.upper();
    if (upper <= 0) {
      return keepBelow ? all : 0;
    }
    double share = Math.max(0, Math.min(1, cut / upper));
    if (keepBelow) {
      return all * share;
    }
    return cut < 0 ? 0 : all * (1 - share);
  }

  private double valueOfUnbounded(Bucket bucket) {
    if (!Double.isInfinite(bucket.lower())) {
      return keepBelow ? bucket.lower() : Math.max(bucket.lower(), cut);
    }
    double upper = bucket.upper();
    if (upper <= 0) {
      return keepBelow ? Math.min(upper, cut) : upper;
    }
    return keepBelow ? Math.min(upper, cut) / 2 : (Math.max(0, cut) + upper) / 2;
  }
}
