package dev.tocsin.promql.histogram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private static Histogram exponential(int schema, int firstIndex, double... counts) {
    double total = 0;
    for (double count : counts) {
      total += count;
    }
    return Histogram.builder()
        .schema(schema)
        .count(total)
        .sum(total * 2)
        .positive(Buckets.dense(firstIndex, counts))
        .build();
  }

  private static Histogram custom(CustomBounds bounds, double... counts) {
    return exponential(Histogram.CUSTOM_SCHEMA, 0, counts).toBuilder().bounds(bounds).build();
  }

  private static Histogram sum(Histogram a, Histogram b) {
    return Objects.requireNonNull(HistogramSum.of(a, b)).result();
  }

  @Test
  void sum_addsBucketByBucket() {
    Histogram sum = sum(exponential(0, 0, 1, 2), exponential(0, 1, 3, 4));
    assertThat(sum).isEqualTo(exponential(0, 0, 1, 5, 4));
    assertThat(sum.count()).isEqualTo(10);
    assertThat(sum.sum()).isEqualTo(20);
  }

  @Test
  void sum_takesTheCoarserSchema() {
    // Buckets 1 and 2 of schema 1 make up bucket 1 of schema 0, 3 and 4 make up bucket 2.
    Histogram sum = sum(exponential(1, 1, 1, 2, 4, 8), exponential(0, 1, 10));
    assertThat(sum.schema()).isZero();
    assertThat(sum.positive()).isEqualTo(Buckets.dense(1, 13, 12));
  }

  @Test
  void sum_widensTheZeroBucketOverWholeBuckets() {
    Histogram fine = exponential(0, 0, 5, 7);
    Histogram wide = Histogram.builder().zeroThreshold(0.75).zeroCount(3).count(3).sum(0).build();
    Histogram sum = sum(fine, wide);
    // 0.75 would cut the bucket (0.5, 1], so the zero bucket takes it whole.
    assertThat(sum.zeroThreshold()).isEqualTo(1);
    assertThat(sum.zeroCount()).isEqualTo(8);
    assertThat(sum.positive()).isEqualTo(Buckets.dense(1, 7));
  }

  @Test
  void sum_ofCustomBuckets_keepsCommonBounds() {
    HistogramSum sum =
        Objects.requireNonNull(
            HistogramSum.of(
                custom(CustomBounds.of(1, 2, 5), 1, 2, 3, 4),
                custom(CustomBounds.of(1, 5), 10, 20, 30)));
    assertThat(sum.reconciled()).isTrue();
    assertThat(sum.result()).isEqualTo(custom(CustomBounds.of(1, 5), 11, 25, 34));
  }

  @Test
  void sum_ofExponentialAndCustom_isRefused() {
    assertThat(HistogramSum.of(exponential(0, 0, 1), custom(CustomBounds.of(1), 1, 1))).isNull();
  }

  @Test
  void sum_keepsWhatRoundingLoses() {
    HistogramSum sum = new HistogramSum(exponential(0, 0, 1e100));
    assertThat(sum.add(exponential(0, 0, 1))).isTrue();
    assertThat(sum.add(exponential(0, 0, -1e100))).isTrue();
    assertThat(sum.result()).isEqualTo(exponential(0, 0, 1));
  }

  @Test
  void copyOfSum_goesItsOwnWay() {
    HistogramSum sum = new HistogramSum(exponential(0, 0, 1));
    HistogramSum copy = sum.copy();
    assertThat(copy.add(exponential(0, 0, 5))).isTrue();
    assertThat(sum.result().count()).isEqualTo(1);
    assertThat(copy.result().count()).isEqualTo(6);
  }

  @Test
  void scaling_reachesEveryCount() {
    Histogram histogram = exponential(0, 0, 2, 4).toBuilder().zeroCount(6).build();
    Histogram doubled = histogram.times(2);
    assertThat(doubled.zeroCount()).isEqualTo(12);
    assertThat(doubled.positive()).isEqualTo(Buckets.dense(0, 4, 8));
    assertThat(doubled.dividedBy(2)).isEqualTo(histogram);
    assertThat(histogram.times(-1).hint()).isEqualTo(CounterResetHint.GAUGE);
    assertThat(histogram.dividedBy(0).positive()).isEqualTo(Buckets.EMPTY);
    assertThat(histogram.dividedBy(0).count()).isInfinite();
  }

  @Test
  void sumAndDifference_cancel() {
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      Histogram a = random(random);
      Histogram b = random(random);
      assertThat(sum(a, b)).isEqualTo(sum(b, a));
      Histogram back = sum(sum(a, b), b.times(-1));
      assertThat(back.count()).isEqualTo(a.count());
      assertThat(back.positive()).isEqualTo(a.positive().coarsen(a.schema() - back.schema()));
    }
  }

  private static Histogram random(Random random) {
    double[] counts = new double[1 + random.nextInt(6)];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = random.nextInt(100);
    }
    return exponential(random.nextInt(4), random.nextInt(9) - 4, counts);
  }

  @Test
  void counterReset_isSeenFromCountsAndHints() {
    Histogram before = exponential(0, 0, 5, 5);
    assertThat(exponential(0, 0, 6, 5).resetSince(before)).isFalse();
    assertThat(exponential(0, 0, 5, 4).resetSince(before)).isTrue();
    assertThat(exponential(0, 0, 2, 9).resetSince(before)).isTrue();
    assertThat(exponential(0, 0, 0, 9, 9).resetSince(before)).isTrue();
    assertThat(exponential(0, 0, 6, 5).withHint(CounterResetHint.RESET).resetSince(before))
        .isTrue();
  }

  @Test
  void quantileAndFraction_interpolateExponentially() {
    Histogram histogram = exponential(0, 1, 10, 10);
    assertThat(histogram.quantile(0.5)).isCloseTo(2, within(1e-12));
    assertThat(histogram.quantile(0.25)).isCloseTo(Math.sqrt(2), within(1e-12));
    assertThat(histogram.quantile(-0.1)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(histogram.quantile(1.1)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(histogram.emptied().quantile(0.5)).isNaN();
    assertThat(histogram.fraction(1, 2)).isCloseTo(0.5, within(1e-12));
    assertThat(histogram.fraction(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)).isEqualTo(1);
  }

  @Test
  void equality_ignoresEmptyBucketsAndHints() {
    Histogram padded = exponential(0, -1, 0, 1, 2, 0);
    assertThat(padded).isEqualTo(exponential(0, 0, 1, 2)).hasSameHashCodeAs(padded.compact());
    assertThat(padded.withHint(CounterResetHint.GAUGE)).isEqualTo(padded);
    assertThat(padded).isNotEqualTo(exponential(1, 0, 1, 2));
  }

  @Test
  void buckets_mustAscend() {
    assertThatThrownBy(() -> Buckets.sparse(new int[] {1, 1}, new double[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 after 1");
    assertThatThrownBy(() -> Buckets.sparse(new int[] {1}, new double[] {1, 2}))
        .hasMessageContaining("1 indexes, 2 counts");
  }
}
