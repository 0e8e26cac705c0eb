package dev.tocsin.promql.histogram;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sparse bucket counts by ascending bucket index. Immutable; the arrays handed in are not copied.
 */
public final class Buckets {
  public static final Buckets EMPTY = new Buckets(new int[0], new double[0]);

  /** Indexes lie between this and its negative: far beyond all floats, far from overflows. */
  public static final int INDEX_MAX = 1 << 30;

  private final int[] indexes;
  private final double[] counts;

  Buckets(int[] indexes, double[] counts) {
    this.indexes = indexes;
    this.counts = counts;
  }

  /**
   * Consecutive buckets from an index on.
   *
   * @throws IllegalArgumentException when an index is beyond {@link #INDEX_MAX}
   */
  public static Buckets dense(int firstIndex, double... counts) {
    requireIndex(firstIndex);
    requireIndex((long) firstIndex + counts.length);
    int[] indexes = new int[counts.length];
    for (int i = 0; i < counts.length; i++) {
      indexes[i] = firstIndex + i;
    }
    return new Buckets(indexes, counts.clone());
  }

  private static void requireIndex(long index) {
    if (Math.abs(index) > INDEX_MAX) {
      throw new IllegalArgumentException(
          "bucket index: " + index + " (expected: -" + INDEX_MAX + " to " + INDEX_MAX + ")");
    }
  }

  /**
   * Buckets at the given indexes, which ascend strictly.
   *
   * @throws IllegalArgumentException when they do not, or one is beyond {@link #INDEX_MAX}
   */
  public static Buckets sparse(int[] indexes, double[] counts) {
    for (int i = 1; i < indexes.length; i++) {
      if (indexes[i] <= indexes[i - 1]) {
        throw new IllegalArgumentException(
            "bucket indexes: " + indexes[i] + " after " + indexes[i - 1]);
      }
    }
    if (indexes.length != counts.length) {
      throw new IllegalArgumentException(
          "buckets: " + indexes.length + " indexes, " + counts.length + " counts");
    }
    for (int index : indexes) {
      requireIndex(index);
    }
    return new Buckets(indexes.clone(), counts.clone());
  }

  public int size() {
    return indexes.length;
  }

  public int index(int i) {
    return indexes[i];
  }

  public double count(int i) {
    return counts[i];
  }

  /** The count of the bucket with that index, 0 when there is none. */
  public double countAt(int bucketIndex) {
    int at = Arrays.binarySearch(indexes, bucketIndex);
    return at < 0 ? 0 : counts[at];
  }

  /** Without buckets that hold nothing. */
  Buckets compact() {
    int kept = 0;
    for (double count : counts) {
      kept += count == 0 ? 0 : 1;
    }
    if (kept == counts.length) {
      return this;
    }
    int[] newIndexes = new int[kept];
    double[] newCounts = new double[kept];
    int to = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        newIndexes[to] = indexes[i];
        newCounts[to++] = counts[i];
      }
    }
    return new Buckets(newIndexes, newCounts);
  }

  Buckets scale(double factor) {
    double[] scaled = new double[counts.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = counts[i] * factor;
    }
    return new Buckets(indexes, scaled);
  }

  Buckets divide(double divisor) {
    double[] divided = new double[counts.length];
    for (int i = 0; i < divided.length; i++) {
      divided[i] = counts[i] / divisor;
    }
    return new Buckets(indexes, divided);
  }

  /** Counts of both, bucket by bucket, the other's times a factor (1 or -1). */
  Buckets plus(Buckets other, double factor) {
    int[] newIndexes = new int[indexes.length + other.indexes.length];
    double[] newCounts = new double[newIndexes.length];
    int a = 0;
    int b = 0;
    int to = 0;
    while (a < indexes.length || b < other.indexes.length) {
      boolean mine =
          b >= other.indexes.length || (a < indexes.length && indexes[a] <= other.indexes[b]);
      boolean theirs =
          a >= indexes.length || (b < other.indexes.length && other.indexes[b] <= indexes[a]);
      newIndexes[to] = mine ? indexes[a] : other.indexes[b];
      double sum = mine ? counts[a++] : 0;
      if (theirs) {
        sum += factor * other.counts[b++];
      }
      newCounts[to++] = sum;
    }
    return new Buckets(Arrays.copyOf(newIndexes, to), Arrays.copyOf(newCounts, to));
  }

  /** Merges buckets of an exponential histogram into those of a schema coarser by {@code shift}. */
  Buckets coarsen(int shift) {
    if (shift == 0) {
      return this;
    }
    int[] newIndexes = new int[indexes.length];
    double[] newCounts = new double[indexes.length];
    int to = -1;
    for (int i = 0; i < indexes.length; i++) {
      int target = ((indexes[i] - 1) >> shift) + 1;
      if (to < 0 || newIndexes[to] != target) {
        newIndexes[++to] = target;
      }
      newCounts[to] += counts[i];
    }
    return new Buckets(Arrays.copyOf(newIndexes, to + 1), Arrays.copyOf(newCounts, to + 1));
  }

  /** Without the first few. */
  Buckets from(int first) {
    return first == 0
        ? this
        : new Buckets(
            Arrays.copyOfRange(indexes, first, indexes.length),
            Arrays.copyOfRange(counts, first, counts.length));
  }

  Buckets withCounts(double[] newCounts) {
    return new Buckets(indexes, newCounts);
  }

  boolean hasInfinite() {
    for (double count : counts) {
      if (Double.isInfinite(count)) {
        return true;
      }
    }
    return false;
  }

  /** What adding the other's counts to these would lose to rounding, bucket by bucket. */
  Buckets losses(Buckets other) {
    double[] losses = new double[other.counts.length];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = HistogramSum.loss(countAt(other.indexes[i]), other.counts[i]);
    }
    return new Buckets(other.indexes, losses);
  }

  double sum() {
    double sum = 0;
    for (double count : counts) {
      sum += count;
    }
    return sum;
  }

  /** Equal when every bucket holds the same; empty buckets do not count. */
  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Buckets that)) {
      return false;
    }
    Buckets a = compact();
    Buckets b = that.compact();
    return Arrays.equals(a.indexes, b.indexes) && Arrays.equals(a.counts, b.counts);
  }

  @Override
  public int hashCode() {
    Buckets compact = compact();
    return 31 * Arrays.hashCode(compact.indexes) + Arrays.hashCode(compact.counts);
  }
}
