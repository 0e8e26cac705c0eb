package dev.tocsin.promql.histogram;

import org.jspecify.annotations.Nullable;

/**
 * A running sum of histograms: what rounding loses of every count is kept apart (Neumaier) and
 * added at the end. Bucket layouts are reconciled to what all have in common. Not thread-safe.
 */
public final class HistogramSum {
  private Histogram sum;
  private Histogram lost;
  private boolean reconciled;

  public HistogramSum(Histogram first) {
    this.sum = first;
    this.lost = zero(first);
  }

  private HistogramSum(HistogramSum other) {
    this.sum = other.sum;
    this.lost = other.lost;
    this.reconciled = other.reconciled;
  }

  public HistogramSum copy() {
    return new HistogramSum(this);
  }

  private static Histogram zero(Histogram like) {
    Histogram.Builder builder = like.toBuilder();
    builder.count = 0;
    builder.sum = 0;
    builder.zeroCount = 0;
    builder.positive = Buckets.EMPTY;
    builder.negative = Buckets.EMPTY;
    return builder.build();
  }

  /** Whether custom bounds differed and only the common ones were kept. */
  public boolean reconciled() {
    return reconciled;
  }

  /** Whether some count is beyond what a float holds. */
  public boolean overflows() {
    return Double.isInfinite(sum.count)
        || Double.isInfinite(sum.sum)
        || Double.isInfinite(sum.zeroCount)
        || sum.positive.hasInfinite()
        || sum.negative.hasInfinite();
  }

  /**
   * Adds a histogram; false when one has custom buckets and the other exponential ones, and nothing
   * was added.
   */
  public boolean add(Histogram other) {
    if (other.custom() != sum.custom()) {
      return false;
    }
    Histogram aligned = align(other);
    Histogram.Builder total = sum.toBuilder();
    Histogram.Builder loss = lost.toBuilder();
    total.hint = hint(sum.hint, other.hint);
    total.count = sum.count + aligned.count;
    loss.count = lost.count + loss(sum.count, aligned.count);
    total.sum = sum.sum + aligned.sum;
    loss.sum = lost.sum + loss(sum.sum, aligned.sum);
    total.zeroCount = sum.zeroCount + aligned.zeroCount;
    loss.zeroCount = lost.zeroCount + loss(sum.zeroCount, aligned.zeroCount);
    loss.positive = lost.positive.plus(sum.positive.losses(aligned.positive), 1);
    loss.negative = lost.negative.plus(sum.negative.losses(aligned.negative), 1);
    total.positive = sum.positive.plus(aligned.positive, 1);
    total.negative = sum.negative.plus(aligned.negative, 1);
    sum = total.build();
    lost = loss.build();
    return true;
  }

  /** What adding two floats loses; nothing when the sum overflows. */
  static double loss(double a, double b) {
    double total = a + b;
    if (Double.isInfinite(total) || Double.isNaN(total)) {
      return 0;
    }
    return Math.abs(a) >= Math.abs(b) ? (a - total) + b : (b - total) + a;
  }

  /** Changes this sum's layout as needed and returns the other histogram in the same. */
  private Histogram align(Histogram other) {
    if (sum.custom()) {
      return alignBounds(other);
    }
    double threshold = Layout.commonThreshold(sum, other);
    int schema = Math.min(sum.schema, other.schema);
    lost = Layout.withSchema(Layout.withThreshold(lost, threshold), schema);
    sum = Layout.withSchema(Layout.withThreshold(sum, threshold), schema);
    return Layout.withSchema(Layout.withThreshold(other, threshold), schema);
  }

  private Histogram alignBounds(Histogram other) {
    if (sum.bounds.equals(other.bounds)) {
      return other;
    }
    reconciled = true;
    CustomBounds common = Layout.intersection(sum.bounds, other.bounds);
    lost = withBounds(lost, common);
    sum = withBounds(sum, common);
    return withBounds(other, common);
  }

  static Histogram withBounds(Histogram histogram, CustomBounds bounds) {
    Histogram.Builder builder = histogram.toBuilder();
    builder.positive = Layout.rebucketed(histogram.positive, histogram.bounds, bounds);
    builder.bounds = bounds;
    return builder.build();
  }

  private static CounterResetHint hint(CounterResetHint a, CounterResetHint b) {
    if (a == b) {
      return a;
    } else if (a == CounterResetHint.GAUGE || b == CounterResetHint.GAUGE) {
      return CounterResetHint.GAUGE;
    }
    return CounterResetHint.UNKNOWN;
  }

  public void scale(double factor) {
    sum = sum.times(factor);
    lost = lost.times(factor);
  }

  public void divide(double divisor) {
    sum = sum.dividedBy(divisor);
    lost = lost.dividedBy(divisor);
  }

  public Histogram result() {
    Histogram.Builder builder = sum.toBuilder();
    builder.count = sum.count + lost.count;
    builder.sum = sum.sum + lost.sum;
    builder.zeroCount = sum.zeroCount + lost.zeroCount;
    builder.positive = sum.positive.plus(lost.positive, 1).compact();
    builder.negative = sum.negative.plus(lost.negative, 1).compact();
    return builder.build();
  }

  /**
   * The plain sum of two histograms without compensation, or null when their buckets are of
   * different kinds.
   */
  public static @Nullable HistogramSum of(Histogram a, Histogram b) {
    HistogramSum sum = new HistogramSum(a);
    return sum.add(b) ? sum : null;
  }
}
