package dev.tocsin.storage.segment;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.Arrays;

/**
 * An exponential histogram as OTLP has it: bucket {@code i} of a side holds what lies in {@code
 * (base^i, base^(i+1)]} with {@code base = 2^(2^-scale)}. Immutable; the arrays are not changed
 * once handed in.
 *
 * @param sum NaN when the sender gave none
 * @param zeroThreshold what lies between it and its negative counts as zero
 */
public record Exponential(
    int scale,
    long count,
    double sum,
    long zeroCount,
    double zeroThreshold,
    Side positive,
    Side negative) {
  /** Buckets of a side at most, as SDKs have it; a sum that needs more takes a lower scale. */
  static final int BUCKETS_MAX = 160;

  /**
   * Adjacent buckets, the first and the last of them not empty.
   *
   * @param offset index of the first
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Side(int offset, long[] counts) {
    static final Side EMPTY = new Side(0, new long[0]);

    /** Leaves empty buckets at the ends out. */
    static Side of(int offset, long[] counts) {
      int from = 0;
      int to = counts.length;
      while (to > from && counts[to - 1] == 0) {
        to--;
      }
      while (from < to && counts[from] == 0) {
        from++;
      }
      return from == to ? EMPTY : new Side(offset + from, Arrays.copyOfRange(counts, from, to));
    }

    private static Side of(ExponentialHistogramDataPoint.Buckets buckets) {
      long[] counts = new long[buckets.getBucketCountsCount()];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = buckets.getBucketCounts(i);
      }
      return of(buckets.getOffset(), counts);
    }

    /** Of the bucket with that index, 0 outside. */
    long at(int index) {
      int i = index - offset;
      return i >= 0 && i < counts.length ? counts[i] : 0;
    }

    int end() {
      return offset + counts.length;
    }

    /** Every {@code 2^by} neighbours become one. */
    Side coarser(int by) {
      if (by == 0 || counts.length == 0) {
        return this;
      }
      int shift = Math.min(by, Integer.SIZE - 1);
      int first = offset >> shift;
      long[] merged = new long[((end() - 1) >> shift) - first + 1];
      for (int i = 0; i < counts.length; i++) {
        merged[((offset + i) >> shift) - first] += counts[i];
      }
      return new Side(first, merged);
    }

    private Side plus(Side other) {
      if (other.counts.length == 0 || counts.length == 0) {
        return counts.length == 0 ? other : this;
      }
      int first = Math.min(offset, other.offset);
      long[] sums = new long[Math.max(end(), other.end()) - first];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = at(first + i) + other.at(first + i);
      }
      return new Side(first, sums);
    }

    /** How many buckets it would have together with the other when each is coarser. */
    private static long span(Side one, int oneBy, Side two, int twoBy) {
      if (one.counts.length == 0 || two.counts.length == 0) {
        return 0;
      }
      long first = Math.min(one.offset >> oneBy, two.offset >> twoBy);
      long last = Math.max((one.end() - 1) >> oneBy, (two.end() - 1) >> twoBy);
      return last - first + 1;
    }
  }

  public static Exponential of(ExponentialHistogramDataPoint point) {
    return new Exponential(
        point.getScale(),
        point.getCount(),
        point.hasSum() ? point.getSum() : Double.NaN,
        point.getZeroCount(),
        point.getZeroThreshold(),
        Side.of(point.getPositive()),
        Side.of(point.getNegative()));
  }

  /** The same with buckets that are {@code 2^(scale - lower)} times as wide. */
  public Exponential atScale(int lower) {
    int by = Math.max(0, scale - lower);
    return by == 0
        ? this
        : new Exponential(
            scale - by,
            count,
            sum,
            zeroCount,
            zeroThreshold,
            positive.coarser(by),
            negative.coarser(by));
  }

  /**
   * Both together, at the lower of their scales, or as low as it takes for either side to have no
   * more than {@value #BUCKETS_MAX} buckets: what an SDK that never reset would have.
   */
  public Exponential plus(Exponential other) {
    double threshold = Math.max(zeroThreshold, other.zeroThreshold);
    Exponential one = withThreshold(threshold);
    Exponential two = other.withThreshold(threshold);
    int scale = Math.min(one.scale, two.scale);
    while (Side.span(one.positive, shift(one, scale), two.positive, shift(two, scale)) > BUCKETS_MAX
        || Side.span(one.negative, shift(one, scale), two.negative, shift(two, scale))
            > BUCKETS_MAX) {
      scale--;
    }
    one = one.atScale(scale);
    two = two.atScale(scale);
    return new Exponential(
        scale,
        one.count + two.count,
        one.sum + two.sum,
        one.zeroCount + two.zeroCount,
        threshold,
        one.positive.plus(two.positive),
        one.negative.plus(two.negative));
  }

  private static int shift(Exponential histogram, int scale) {
    return Math.min(histogram.scale - scale, Integer.SIZE - 1);
  }

  /** Counts buckets within a wider threshold as zero, also the one that it lies in. */
  private Exponential withThreshold(double wider) {
    if (!(wider > zeroThreshold)) {
      return this;
    }
    // The first index whose bucket begins at the threshold or above.
    double base = Math.pow(2, Math.pow(2, -scale));
    int first = (int) Math.ceil(Math.log(wider) / Math.log(base));
    long inside = 0;
    Side[] sides = {positive, negative};
    for (int i = 0; i < sides.length; i++) {
      Side side = sides[i];
      int cut = Math.max(0, Math.min(side.counts.length, first - side.offset));
      for (int at = 0; at < cut; at++) {
        inside += side.counts[at];
      }
      sides[i] =
          Side.of(side.offset + cut, Arrays.copyOfRange(side.counts, cut, side.counts.length));
    }
    return new Exponential(scale, count, sum, zeroCount + inside, wider, sides[0], sides[1]);
  }
}
