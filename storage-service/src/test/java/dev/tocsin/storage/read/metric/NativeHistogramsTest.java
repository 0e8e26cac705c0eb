package dev.tocsin.storage.read.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.histogram.HistogramSum;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.testkit.hostile.RandomExponentials;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class NativeHistogramsTest {
  @Test
  void buckets_moveUpByOne() {
    Histogram histogram = NativeHistograms.of(Exponential.of(point(0, 0, 1, 2, 3)));
    // Scale 0: bucket 0 of OTLP is (1, 2].
    assertThat(String.valueOf(histogram)).isEqualTo("{count:6, sum:10, (1,2]:1, (2,4]:2, (4,8]:3}");
  }

  @Test
  void scalesAboveEight_areMergedDown() {
    Histogram histogram = NativeHistograms.of(Exponential.of(point(9, -3, 1, 2, 3, 4)));
    // Indexes -3, -2, -1, 0 at scale 9 are -2, -1, -1, 0 at scale 8, and one more for Prometheus.
    assertThat(histogram).isNotNull();
    assertThat(histogram.schema()).isEqualTo(8);
    assertThat(histogram.positive().countAt(-1)).isEqualTo(1);
    assertThat(histogram.positive().countAt(0)).isEqualTo(5);
    assertThat(histogram.positive().countAt(1)).isEqualTo(4);
  }

  @Test
  void bucketsWiderThanPrometheusHas_areNotShown() {
    assertThat(NativeHistograms.isShown(Exponential.of(point(-5, 0, 1)))).isFalse();
  }

  @Test
  void whateverOtlpCanExpress_isShownWithAllItCounts_andAddsUp() {
    RandomExponentials random = new RandomExponentials(new Random(4));
    @Nullable Histogram last = null;
    for (int i = 0; i < 3_000; i++) {
      Exponential stored = Exponential.of(random.next().build());
      if (!NativeHistograms.isShown(stored)) {
        continue;
      }
      Histogram shown = NativeHistograms.of(stored);
      assertThat(shown.zeroThreshold()).isBetween(0.0, Double.MAX_VALUE);
      assertThat(total(shown))
          .as("case %s", i)
          .isCloseTo(total(stored.atScale(8)), withinPercentage(1e-9));
      double unusedQuantile = shown.quantile(0.9);
      if (last != null) {
        assertThat(HistogramSum.of(shown, last)).isNotNull();
        boolean unused = shown.resetSince(last);
      }
      last = shown;
    }
  }

  private static double total(Histogram shown) {
    double total = 0;
    for (int i = 0; i < shown.positive().size(); i++) {
      total += shown.positive().count(i);
    }
    for (int i = 0; i < shown.negative().size(); i++) {
      total += shown.negative().count(i);
    }
    return total;
  }

  private static double total(Exponential stored) {
    return Arrays.stream(stored.positive().counts()).asDoubleStream().sum()
        + Arrays.stream(stored.negative().counts()).asDoubleStream().sum();
  }

  private static ExponentialHistogramDataPoint point(int scale, int offset, long... counts) {
    List<Long> list = Arrays.stream(counts).boxed().toList();
    return ExponentialHistogramDataPoint.newBuilder()
        .setScale(scale)
        .setCount(list.stream().mapToLong(Long::longValue).sum())
        .setSum(10)
        .setPositive(Buckets.newBuilder().setOffset(offset).addAllBucketCounts(list))
        .build();
  }
}
