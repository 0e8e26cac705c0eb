package dev.tocsin.promql.histogram;

import dev.tocsin.promql.text.Numbers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A native histogram with float counts. Immutable.
 *
 * <p>With an exponential schema (-4 to 8) bucket {@code i} of the positive side holds observations
 * in {@code (base^(i-1), base^i]} where {@code base = 2^(2^-schema)}; the negative side mirrors it;
 * the zero bucket holds {@code [-zeroThreshold, zeroThreshold]}. (An OTLP exponential bucket of
 * index {@code i} is bucket {@code i + 1} here.) With {@link #CUSTOM_SCHEMA} bucket {@code i} of
 * the positive side lies between the custom bounds {@code i-1} and {@code i}.
 */
public final class Histogram {
  /** The schema of histograms with custom bounds. */
  public static final int CUSTOM_SCHEMA = -53;

  final CounterResetHint hint;
  final int schema;
  final double zeroThreshold;
  final double zeroCount;
  final double count;
  final double sum;
  final Buckets positive;
  final Buckets negative;
  final CustomBounds bounds;

  private Histogram(Builder builder) {
    this.hint = builder.hint;
    this.schema = builder.schema;
    this.zeroThreshold = builder.zeroThreshold;
    this.zeroCount = builder.zeroCount;
    this.count = builder.count;
    this.sum = builder.sum;
    this.positive = builder.positive;
    this.negative = builder.negative;
    this.bounds = builder.bounds;
  }

  public static Builder builder() {
    return new Builder();
  }

  Builder toBuilder() {
    Builder copy = new Builder();
    copy.hint = hint;
    copy.schema = schema;
    copy.zeroThreshold = zeroThreshold;
    copy.zeroCount = zeroCount;
    copy.count = count;
    copy.sum = sum;
    copy.positive = positive;
    copy.negative = negative;
    copy.bounds = bounds;
    return copy;
  }

  public CounterResetHint hint() {
    return hint;
  }

  public int schema() {
    return schema;
  }

  public boolean custom() {
    return schema == CUSTOM_SCHEMA;
  }

  public double zeroThreshold() {
    return zeroThreshold;
  }

  public double zeroCount() {
    return zeroCount;
  }

  public double count() {
    return count;
  }

  public double sum() {
    return sum;
  }

  public Buckets positive() {
    return positive;
  }

  public Buckets negative() {
    return negative;
  }

  public CustomBounds bounds() {
    return bounds;
  }

  public Histogram withHint(CounterResetHint newHint) {
    if (newHint == hint) {
      return this;
    }
    Builder copy = toBuilder();
    copy.hint = newHint;
    return copy.build();
  }

  /** Equal in everything but the counter reset hint; empty buckets do not count. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Histogram that
        && schema == that.schema
        && Double.doubleToLongBits(count) == Double.doubleToLongBits(that.count)
        && Double.doubleToLongBits(sum) == Double.doubleToLongBits(that.sum)
        && Double.compare(zeroCount, that.zeroCount) == 0
        && Double.compare(zeroThreshold, that.zeroThreshold) == 0
        && positive.equals(that.positive)
        && negative.equals(that.negative)
        && bounds.equals(that.bounds);
  }

  @Override
  public int hashCode() {
    return Double.hashCode(count) * 31 + Double.hashCode(sum);
  }

  /** Every count and the sum times a factor; a negative one makes it a gauge. */
  public Histogram times(double factor) {
    Builder copy = toBuilder();
    copy.zeroCount *= factor;
    copy.count *= factor;
    copy.sum *= factor;
    copy.positive = positive.scale(factor);
    copy.negative = negative.scale(factor);
    copy.hint = factor < 0 ? CounterResetHint.GAUGE : hint;
    return copy.build();
  }

  /** Every count and the sum divided; by 0 leaves no buckets. */
  public Histogram dividedBy(double divisor) {
    Builder copy = toBuilder();
    copy.zeroCount /= divisor;
    copy.count /= divisor;
    copy.sum /= divisor;
    copy.positive = divisor == 0 ? Buckets.EMPTY : positive.divide(divisor);
    copy.negative = divisor == 0 ? Buckets.EMPTY : negative.divide(divisor);
    copy.hint = divisor < 0 ? CounterResetHint.GAUGE : hint;
    return copy.build();
  }

  /** Without empty buckets. */
  public Histogram compact() {
    Builder copy = toBuilder();
    copy.positive = positive.compact();
    copy.negative = negative.compact();
    return copy.build();
  }

  /** A histogram without observations and with this one's layout. */
  public Histogram emptied() {
    return builder().schema(schema).layout(zeroThreshold, bounds).build();
  }

  /** Whether the counter was reset between an earlier histogram and this one. */
  public boolean resetSince(Histogram previous) {
    return CounterResets.between(previous, this);
  }

  /** The value below which a share {@code q} of the observations lies. */
  public double quantile(double q) {
    return Quantile.quantile(this, q);
  }

  /** The share of the observations between two values. */
  public double fraction(double lower, double upper) {
    return Quantile.fraction(this, lower, upper);
  }

  /** The estimated variance of the observations. */
  public double variance() {
    return Quantile.variance(this);
  }

  /** Without the observations above a value, or below it. */
  public Histogram trimmed(double value, boolean keepBelow) {
    return Trim.trim(this, value, keepBelow);
  }

  /** The populated buckets by ascending bounds. */
  public List<Bucket> buckets() {
    return BucketList.all(this);
  }

  /** Prometheus's notation: {@code {count:3, sum:4, (1,2]:3}}. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    out.append("{count:").append(Numbers.print(count)).append(", sum:").append(Numbers.print(sum));
    buckets().forEach(bucket -> out.append(", ").append(bucket));
    return out.append('}').toString();
  }

  /** Collects the parts of a histogram. */
  public static final class Builder {
    CounterResetHint hint = CounterResetHint.UNKNOWN;
    int schema;
    double zeroThreshold;
    double zeroCount;
    double count;
    double sum;
    Buckets positive = Buckets.EMPTY;
    Buckets negative = Buckets.EMPTY;
    CustomBounds bounds = CustomBounds.NONE;

    private Builder() {}

    public Builder hint(CounterResetHint value) {
      hint = value;
      return this;
    }

    public Builder schema(int value) {
      schema = value;
      return this;
    }

    public Builder zeroThreshold(double value) {
      zeroThreshold = value;
      return this;
    }

    public Builder zeroCount(double value) {
      zeroCount = value;
      return this;
    }

    public Builder count(double value) {
      count = value;
      return this;
    }

    public Builder sum(double value) {
      sum = value;
      return this;
    }

    public Builder positive(Buckets value) {
      positive = value;
      return this;
    }

    public Builder negative(Buckets value) {
      negative = value;
      return this;
    }

    /** Upper bounds, which make this a histogram with custom buckets. */
    public Builder bounds(CustomBounds value) {
      bounds = value;
      schema = CUSTOM_SCHEMA;
      return this;
    }

    Builder layout(double threshold, CustomBounds newBounds) {
      zeroThreshold = threshold;
      bounds = newBounds;
      return this;
    }

    public Histogram build() {
      return new Histogram(this);
    }
  }
}
