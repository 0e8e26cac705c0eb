package dev.tocsin.testkit.hostile;

import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import java.util.Random;

/** Exponential histograms of every kind that OTLP can express, by a seed; odd ones more often. */
public final class RandomExponentials {
  private static final int[] SCALES = {
    Integer.MIN_VALUE, Integer.MIN_VALUE + 1, -5, -4, 0, 8, 20, 21, 22, 1_000, Integer.MAX_VALUE
  };
  private static final int[] OFFSETS = {
    Integer.MIN_VALUE,
    -1_073_741_824,
    -275_000,
    -1,
    0,
    1,
    275_000,
    1_073_741_823,
    2_147_483_646,
    Integer.MAX_VALUE
  };
  private static final long[] COUNTS = {0, 1, 2, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE, -1};
  private static final double[] THRESHOLDS = {
    0, Double.MIN_VALUE, 1e-6, 0.25, 1, 1e300, Double.POSITIVE_INFINITY, Double.NaN, -1
  };

  private final Random random;

  public RandomExponentials(Random random) {
    this.random = random;
  }

  /** A point without a time. */
  public ExponentialHistogramDataPoint.Builder next() {
    ExponentialHistogramDataPoint.Builder point =
        ExponentialHistogramDataPoint.newBuilder()
            .setScale(random.nextBoolean() ? SCALES[random.nextInt(SCALES.length)] : small())
            .setCount(count())
            .setZeroCount(count())
            .setZeroThreshold(THRESHOLDS[random.nextInt(THRESHOLDS.length)]);
    if (random.nextInt(4) > 0) {
      point.setPositive(buckets());
    }
    if (random.nextInt(4) == 0) {
      point.setNegative(buckets());
    }
    if (random.nextBoolean()) {
      point.setSum(random.nextInt(3) == 0 ? Double.NaN : random.nextGaussian());
    }
    return point;
  }

  private int small() {
    return random.nextInt(30) - 6;
  }

  private long count() {
    return random.nextInt(3) == 0 ? COUNTS[random.nextInt(COUNTS.length)] : random.nextInt(100);
  }

  private Buckets buckets() {
    Buckets.Builder buckets =
        Buckets.newBuilder()
            .setOffset(
                random.nextBoolean()
                    ? OFFSETS[random.nextInt(OFFSETS.length)]
                    : random.nextInt(400) - 200);
    int size =
        switch (random.nextInt(8)) {
          case 0 -> 0;
          case 1 -> 400;
          case 2 -> 9_000;
          default -> 1 + random.nextInt(20);
        };
    for (int i = 0; i < size; i++) {
      buckets.addBucketCounts(random.nextInt(4) == 0 ? count() : 0);
    }
    return buckets.build();
  }
}
