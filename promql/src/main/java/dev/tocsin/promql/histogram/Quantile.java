package dev.tocsin.promql.histogram;

import java.util.List;

/** Quantiles, fractions and moments of native histograms. */
final class Quantile {
  private Quantile() {}

  /** An exponential histogram of one sign has its zero bucket on that side only. */
  static Bucket oneSided(Histogram h, Bucket bucket) {
    if (h.custom() || bucket.lower() >= 0 || bucket.upper() <= 0) {
      return bucket;
    } else if (h.negative().size() == 0 && h.positive().size() > 0) {
      return bucket.within(0, bucket.upper());
    } else if (h.positive().size() == 0 && h.negative().size() > 0) {
      return bucket.within(bucket.lower(), 0);
    }
    return bucket;
  }

  static double quantile(Histogram h, double q) {
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    } else if (q > 1) {
      return Double.POSITIVE_INFINITY;
    } else if (h.count() == 0 || Double.isNaN(q)) {
      return Double.NaN;
    }
    boolean forward = Double.isNaN(h.sum()) || q < 0.5;
    double rank = forward ? q * h.count() : (1 - q) * h.count();
    List<Bucket> buckets = BucketList.all(h);
    Bucket bucket = new Bucket(0, 0, true, true, 0);
    double count = 0;
    for (int i = 0; i < buckets.size() && (i == 0 || count < rank); i++) {
      bucket = buckets.get(forward ? i : buckets.size() - 1 - i);
      count += bucket.count();
    }
    if (h.custom()) {
      if (bucket.lower() == Double.NEGATIVE_INFINITY) {
        if (bucket.upper() <= 0) {
          return bucket.upper();
        }
        bucket = bucket.within(0, bucket.upper());
      } else if (bucket.upper() == Double.POSITIVE_INFINITY && !(count < rank)) {
        return bucket.lower();
      }
    } else {
      bucket = oneSided(h, bucket);
    }
    count = Math.min(count, h.count());
    if (count < rank) {
      return Double.isNaN(h.sum()) ? Double.NaN : forward ? bucket.upper() : bucket.lower();
    }
    rank = forward ? rank - (count - bucket.count()) : count - rank;
    return interpolated(h, bucket, rank / bucket.count());
  }

  private static double interpolated(Histogram h, Bucket bucket, double fraction) {
    double lower = bucket.lower();
    double upper = bucket.upper();
    if (h.custom() || bucket.spansZero()) {
      return lower + (upper - lower) * fraction;
    }
    double logLower = log2(Math.abs(lower));
    double logUpper = log2(Math.abs(upper));
    return lower > 0
        ? Math.pow(2, logLower + (logUpper - logLower) * fraction)
        : -Math.pow(2, logUpper + (logLower - logUpper) * (1 - fraction));
  }

  static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }

  /** The share of observations between two bounds. */
  static double fraction(Histogram h, double lower, double upper) {
    if (h.count() == 0 || Double.isNaN(lower) || Double.isNaN(upper)) {
      return Double.NaN;
    }
    double count =
        Double.isNaN(h.sum()) ? h.zeroCount() + h.positive().sum() + h.negative().sum() : h.count();
    if (lower >= upper) {
      return 0;
    }
    double below = Math.min(count, rankOf(h, lower, count));
    double through = Math.min(count, rankOf(h, upper, count));
    return (through - below) / h.count();
  }

  /** How many observations are below a value. */
  private static double rankOf(Histogram h, double value, double count) {
    double rank = 0;
    for (Bucket raw : BucketList.all(h)) {
      Bucket bucket = oneSided(h, raw);
      if (h.custom() && bucket.lower() == Double.NEGATIVE_INFINITY && bucket.upper() > 0) {
        bucket = bucket.within(0, bucket.upper());
        if (value <= 0) {
          return rank;
        }
      }
      if (bucket.lower() >= value) {
        return rank;
      } else if (bucket.upper() > value) {
        return rank + share(h, bucket, value);
      }
      rank += bucket.count();
    }
    return count;
  }

  private static double share(Histogram h, Bucket bucket, double value) {
    double lower = bucket.lower();
    double upper = bucket.upper();
    if (Double.isInfinite(lower)) {
      return Double.isInfinite(upper) ? 0 : bucket.count();
    } else if (h.custom() || bucket.spansZero()) {
      return bucket.count() * (value - lower) / (upper - lower);
    }
    double logLower = log2(Math.abs(lower));
    double logUpper = log2(Math.abs(upper));
    double logValue = log2(Math.abs(value));
    return value > 0
        ? bucket.count() * (logValue - logLower) / (logUpper - logLower)
        : bucket.count() * (1 - (logValue - logUpper) / (logLower - logUpper));
  }

  /** The variance, every bucket standing at its middle. */
  static double variance(Histogram h) {
    double mean = h.sum() / h.count();
    double total = 0;
    double lost = 0;
    for (Bucket bucket : BucketList.all(h)) {
      double delta = middle(h, bucket) - mean;
      double term = bucket.count() * delta * delta;
      lost += HistogramSum.loss(total, term);
      total += term;
    }
    return (total + lost) / h.count();
  }

  private static double middle(Histogram h, Bucket bucket) {
    if (h.custom()) {
      return (bucket.upper() + bucket.lower()) / 2;
    } else if (bucket.spansZero()) {
      return 0;
    }
    double middle = Math.sqrt(bucket.upper() * bucket.lower());
    return bucket.upper() < 0 ? -middle : middle;
  }
}
