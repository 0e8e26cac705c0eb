package dev.tocsin.segment.metric;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.Arrays;

/**
 * An exponential histogram as OTLP has it: bucket {@code i} of a side holds what lies in {@code
 * (base^i, base^(i+1)]} with {@code base = 2^(2^-scale)}. Immutable; the arrays are not changed
 * once handed in.
 *
 * <p>Senders may write any scale, offset and count. Scales and places of buckets are reckoned in 64
 * bits, counts stop at {@link Long#MAX_VALUE}, and whatever needs too many buckets takes a lower
 * scale: every histogram can be read, stored and added to every other.
 *
 * @param sum NaN when the sender gave none
 * @param zeroThreshold what lies between it and its negative counts as zero; as the sender has it,
 *     see {@link #zeroWidth}
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

  /** The same of a single point: a sender may be set to more than what is usual. */
  static final int POINT_BUCKETS_MAX = 4_096;

  /** Buckets of a side that a sum may always have. */
  static final int BUCKETS_MIN = 8;

  /** Beyond this, shifting a place further changes nothing. */
  private static final int SHIFT_MAX = Long.SIZE - 1;

  /**
   * Adjacent buckets, the first and the last of them not empty.
   *
   * @param offset index of the first; 32 bits as OTLP has it, but that of the last may need more
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Side(long offset, long[] counts) {
    static final Side EMPTY = new Side(0, new long[0]);

    /** Leaves empty buckets at the ends out. */
    static Side of(long offset, long[] counts) {
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

    /** Of the bucket with that index, 0 outside. */
    long at(long index) {
      long i = index - offset;
      return i >= 0 && i < counts.length ? counts[(int) i] : 0;
    }

    long end() {
      return offset + counts.length;
    }

    private boolean isEmpty() {
      return counts.length == 0;
    }

    /** Every {@code 2^by} neighbours become one. */
    Side coarser(int by) {
      if (by == 0 || isEmpty()) {
        return this;
      }
      long first = offset >> by;
      long[] merged = new long[(int) (((end() - 1) >> by) - first) + 1];
      for (int i = 0; i < counts.length; i++) {
        int to = (int) (((offset + i) >> by) - first);
        merged[to] = add(merged[to], counts[i]);
      }
      return new Side(first, merged);
    }

    private Side plus(Side other) {
      if (other.isEmpty() || isEmpty()) {
        return isEmpty() ? other : this;
      }
      long first = Math.min(offset, other.offset);
      long[] sums = new long[(int) (Math.max(end(), other.end()) - first)];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = add(at(first + i), other.at(first + i));
      }
      return new Side(first, sums);
    }

    /** How many buckets both would have together when each is coarser. */
    private static long span(Side one, int oneBy, Side two, int twoBy) {
      if (one.isEmpty() && two.isEmpty()) {
        return 0;
      } else if (one.isEmpty() || two.isEmpty()) {
        Side only = one.isEmpty() ? two : one;
        int by = one.isEmpty() ? twoBy : oneBy;
        return ((only.end() - 1) >> by) - (only.offset >> by) + 1;
      }
      long first = Math.min(one.offset >> oneBy, two.offset >> twoBy);
      long last = Math.max((one.end() - 1) >> oneBy, (two.end() - 1) >> twoBy);
      return last - first + 1;
    }
  }

  /** Buckets of a point from the first to the last that is not empty, without a copy of them. */
  private record Told(ExponentialHistogramDataPoint.Buckets buckets, int from, int to) {
    static Told of(ExponentialHistogramDataPoint.Buckets buckets) {
      int from = 0;
      int to = buckets.getBucketCountsCount();
      while (to > from && buckets.getBucketCounts(to - 1) == 0) {
        to--;
      }
      while (from < to && buckets.getBucketCounts(from) == 0) {
        from++;
      }
      return new Told(buckets, from, to);
    }

    private long index(int place) {
      return (long) buckets.getOffset() + place;
    }

    long span(int by) {
      return from == to ? 0 : (index(to - 1) >> by) - (index(from) >> by) + 1;
    }

    Side side(int by) {
      if (from == to) {
        return Side.EMPTY;
      }
      long first = index(from) >> by;
      long[] counts = new long[(int) span(by)];
      for (int place = from; place < to; place++) {
        int at = (int) ((index(place) >> by) - first);
        counts[at] = add(counts[at], counted(buckets.getBucketCounts(place)));
      }
      return new Side(first, counts);
    }
  }

  /** As a point tells it; with more than {@value #POINT_BUCKETS_MAX} buckets at a lower scale. */
  public static Exponential of(ExponentialHistogramDataPoint point) {
    Told positive = Told.of(point.getPositive());
    Told negative = Told.of(point.getNegative());
    int by = 0;
    while (positive.span(by) > POINT_BUCKETS_MAX || negative.span(by) > POINT_BUCKETS_MAX) {
      by++;
    }
    return new Exponential(
        scaleOf((long) point.getScale() - by),
        counted(point.getCount()),
        point.hasSum() ? point.getSum() : Double.NaN,
        counted(point.getZeroCount()),
        point.getZeroThreshold(),
        positive.side(by),
        negative.side(by));
  }

  /** A count as OTLP has it, 64 bits without a sign. */
  private static long counted(long count) {
    return count < 0 ? Long.MAX_VALUE : count;
  }

  private static long add(long one, long other) {
    long sum = one + other;
    return (one | other | sum) < 0 ? Long.MAX_VALUE : sum;
  }

  /** Below what a scale can be there is nothing to tell apart. */
  private static int scaleOf(long scale) {
    return (int) Math.max(Integer.MIN_VALUE, scale);
  }

  /** How wide the zero bucket is: a threshold that is none is 0. */
  public double zeroWidth() {
    return zeroThreshold > 0 && zeroThreshold < Double.POSITIVE_INFINITY ? zeroThreshold : 0;
  }

  /** Bytes it takes in memory, roughly. */
  public long bytes() {
    return 128L + 8L * (positive.counts.length + negative.counts.length);
  }

  /** The same with buckets that are {@code 2^(scale - lower)} times as wide. */
  public Exponential atScale(int lower) {
    return lower >= scale ? this : coarser(shift(scale, lower), lower);
  }

  private Exponential coarser(int by, long newScale) {
    return by == 0
        ? this
        : new Exponential(
            scaleOf(newScale),
            count,
            sum,
            zeroCount,
            zeroThreshold,
            positive.coarser(by),
            negative.coarser(by));
  }

  /** The same with at most {@value #BUCKETS_MAX} buckets a side. */
  public Exponential bounded() {
    return bounded(BUCKETS_MAX);
  }

  /** The same with so few buckets a side as a sum may always have. */
  public Exponential narrow() {
    return bounded(BUCKETS_MIN);
  }

  private Exponential bounded(int bucketsMax) {
    int by = 0;
    while (Side.span(positive, by, Side.EMPTY, 0) > bucketsMax
        || Side.span(negative, by, Side.EMPTY, 0) > bucketsMax) {
      by++;
    }
    return coarser(by, (long) scale - by);
  }

  /**
   * Both together, at the lower of their scales, or as low as it takes for either side to have no
   * more than {@value #BUCKETS_MAX} buckets: what an SDK that never reset would have.
   */
  public Exponential plus(Exponential other) {
    return plus(other, BUCKETS_MAX, BUCKETS_MAX);
  }

  /**
   * Both together likewise, but with no more buckets a side than this one has (or the few that a
   * sum may always have): for a sum that goes on where there is no memory for a larger one.
   */
  public Exponential plusWithin(Exponential other) {
    return plus(
        other,
        Math.max(BUCKETS_MIN, positive.counts.length),
        Math.max(BUCKETS_MIN, negative.counts.length));
  }

  private Exponential plus(Exponential other, int positiveMax, int negativeMax) {
    double threshold = Math.max(zeroWidth(), other.zeroWidth());
    Exponential one = withThreshold(threshold);
    Exponential two = other.withThreshold(threshold);
    long scale = Math.min(one.scale, two.scale);
    while (one.span(two, scale, true) > positiveMax || one.span(two, scale, false) > negativeMax) {
      scale--;
    }
    one = one.coarser(shift(one.scale, scale), scale);
    two = two.coarser(shift(two.scale, scale), scale);
    return new Exponential(
        scaleOf(scale),
        add(one.count, two.count),
        one.sum + two.sum,
        add(one.zeroCount, two.zeroCount),
        threshold,
        one.positive.plus(two.positive),
        one.negative.plus(two.negative));
  }

  private long span(Exponential other, long atScale, boolean ofPositive) {
    return Side.span(
        ofPositive ? positive : negative,
        shift(scale, atScale),
        ofPositive ? other.positive : other.negative,
        shift(other.scale, atScale));
  }

  private static int shift(long from, long to) {
    return (int) Math.min(from - to, SHIFT_MAX);
  }

  /** Counts buckets within a wider threshold as zero, also the one that it lies in. */
  private Exponential withThreshold(double wider) {
    if (!(wider > zeroWidth())) {
      return this;
    }
    // The first index whose bucket begins at the threshold or above.
    double first = Math.ceil(Math.scalb(log2(wider), scale));
    long inside = 0;
    Side[] sides = {positive, negative};
    for (int i = 0; i < sides.length; i++) {
      Side side = sides[i];
      int cut = (int) Math.max(0, Math.min(side.counts.length, first - side.offset));
      for (int at = 0; at < cut; at++) {
        inside = add(inside, side.counts[at]);
      }
      sides[i] =
          Side.of(side.offset + cut, Arrays.copyOfRange(side.counts, cut, side.counts.length));
    }
    return new Exponential(scale, count, sum, add(zeroCount, inside), wider, sides[0], sides[1]);
  }

  private static double log2(double value) {
    int exponent = Math.getExponent(value);
    return value == Math.scalb(1.0, exponent) ? exponent : Math.log(value) / Math.log(2);
  }
}
