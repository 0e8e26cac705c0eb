package dev.tocsin.segment.metric;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.testkit.hostile.RandomExponentials;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever OTLP can express can be added up and stored. */
final class ExponentialTest {
  private static final int CASES = 3_000;
  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  @Provide
  Arbitrary<ExponentialHistogramDataPoint> points() {
    return Arbitraries.randomValue(random -> new RandomExponentials(random).next().build());
  }

  @Property(tries = CASES)
  void sumThatMayNotGrow_hasAllThatWasCounted_inAsManyBucketsAsBefore(
      @ForAll("points") ExponentialHistogramDataPoint first,
      @ForAll("points") ExponentialHistogramDataPoint second) {
    Exponential one = Exponential.of(first).bounded();
    Exponential two = Exponential.of(second);
    Exponential sum = one.plusWithin(two);
    int few = Exponential.BUCKETS_MIN;
    assertThat(sum.positive().counts().length)
        .isLessThanOrEqualTo(Math.max(few, one.positive().counts().length));
    assertThat(sum.negative().counts().length)
        .isLessThanOrEqualTo(Math.max(few, one.negative().counts().length));
    assertThat(capped(observed(sum))).isEqualTo(capped(observed(one.plus(two))));
    assertThat(sum.count()).isEqualTo(one.plus(two).count());
    assertThat(two.narrow().positive().counts().length).isLessThanOrEqualTo(few);
    assertThat(two.narrow().count()).isEqualTo(two.count());
  }

  @Property(tries = CASES)
  void anyTwo_addUp_inFewBuckets_withAllThatWasCounted(
      @ForAll("points") ExponentialHistogramDataPoint first,
      @ForAll("points") ExponentialHistogramDataPoint second) {
    Exponential one = Exponential.of(first);
    Exponential two = Exponential.of(second);
    Exponential sum = one.plus(two);
    assertThat(describe(two.plus(one))).isEqualTo(describe(sum));
    assertThat(sum.positive().counts().length).isLessThanOrEqualTo(Exponential.BUCKETS_MAX);
    assertThat(sum.negative().counts().length).isLessThanOrEqualTo(Exponential.BUCKETS_MAX);
    assertThat(sum.scale()).isLessThanOrEqualTo(Math.min(one.scale(), two.scale()));
    assertThat(sum.count()).isEqualTo(capped(number(one.count()).add(number(two.count()))));
    assertThat(capped(observed(sum))).isEqualTo(capped(observed(one).add(observed(two))));
    assertThat(describe(sum.plus(one).bounded())).isEqualTo(describe(sum.plus(one)));
  }

  @Property(tries = CASES)
  void anyPoint_isReadWithAllItCounts_inBoundedMemory(
      @ForAll("points") ExponentialHistogramDataPoint point,
      @ForAll @IntRange(min = -6, max = 6) int scale) {
    Exponential read = Exponential.of(point);
    assertThat(read.positive().counts().length).isLessThanOrEqualTo(Exponential.POINT_BUCKETS_MAX);
    BigInteger counted = unsigned(point.getZeroCount());
    for (Buckets side : List.of(point.getPositive(), point.getNegative())) {
      for (long count : side.getBucketCountsList()) {
        counted = counted.add(unsigned(count));
      }
    }
    assertThat(capped(observed(read))).isEqualTo(capped(counted));
    assertThat(capped(observed(read.atScale(scale)))).isEqualTo(capped(counted));
  }

  @Example
  void twoDeltas_ofScalesAndOffsetsAtTheEndOfInt_addUp() {
    Exponential one = Exponential.of(point(22, 2_147_483_646, 1));
    Exponential two = Exponential.of(point(21, 1_073_741_823, 1));
    Exponential sum = one.plus(two);
    assertThat(describe(sum)).isEqualTo("21: 2 0.0 0 0.0 1073741823[2] 0[]");
    Exponential beyond = Exponential.of(point(22, Integer.MAX_VALUE, 1, 1));
    assertThat(describe(beyond.plus(two))).isEqualTo("21: 3 0.0 0 0.0 1073741823[2, 1] 0[]");
    assertThat(describe(Exponential.of(point(22, Integer.MAX_VALUE, 0, 0, 5))))
        .isEqualTo("22: 5 0.0 0 0.0 2147483649[5] 0[]");
  }

  @Property(tries = 500)
  void anySeries_comesOutOfItsBlock_asItWentIn(
      @ForAll @Size(min = 1, max = 12) List<@From("points") ExponentialHistogramDataPoint> points) {
    SeriesSamples series = new SeriesSamples(7, "m", false);
    for (int i = 0; i < points.size(); i++) {
      series.add(1_000 + i, Exponential.of(points.get(i)));
    }
    byte[] block = MetricBlocks.encode(List.of(series)).data();
    SeriesSamples read = MetricBlocks.decode(MetricBlocks.FORMAT, block).get(0);
    for (int i = 0; i < points.size(); i++) {
      assertThat(describe(read.histogram(i))).isEqualTo(describe(series.histogram(i)));
    }
  }

  private static ExponentialHistogramDataPoint point(int scale, int offset, long... counts) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setScale(scale)
        .setCount(Arrays.stream(counts).sum())
        .setSum(0)
        .setPositive(
            Buckets.newBuilder()
                .setOffset(offset)
                .addAllBucketCounts(Arrays.stream(counts).boxed().toList()))
        .build();
  }

  private static BigInteger number(long count) {
    return BigInteger.valueOf(count);
  }

  private static BigInteger unsigned(long count) {
    return new BigInteger(Long.toUnsignedString(count)).min(MOST);
  }

  private static long capped(BigInteger count) {
    return count.min(MOST).longValueExact();
  }

  /** Zeros and all buckets together. */
  private static BigInteger observed(Exponential histogram) {
    BigInteger all = number(histogram.zeroCount());
    for (Exponential.Side side : List.of(histogram.positive(), histogram.negative())) {
      for (long count : side.counts()) {
        assertThat(count).isNotNegative();
        all = all.add(number(count));
      }
    }
    return all;
  }

  private static String describe(Exponential each) {
    return "%d: %d %s %d %s %s %s"
        .formatted(
            each.scale(),
            each.count(),
            each.sum(),
            each.zeroCount(),
            each.zeroThreshold(),
            describe(each.positive()),
            describe(each.negative()));
  }

  private static String describe(Exponential.Side side) {
    return side.offset() + Arrays.toString(side.counts());
  }
}
