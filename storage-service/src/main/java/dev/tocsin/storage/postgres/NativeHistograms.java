package dev.tocsin.storage.postgres;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import org.jspecify.annotations.Nullable;

/**
 * OTLP exponential histograms as Prometheus native histograms, by the OpenTelemetry-to-Prometheus
 * rules: scales above 8 are merged down to 8, bucket {@code i} becomes bucket {@code i + 1}.
 */
final class NativeHistograms {
  private static final int SCHEMA_MAX = 8;
  private static final int SCHEMA_MIN = -4;

  private NativeHistograms() {}

  /** The histogram, null when its buckets are too wide for Prometheus (scale below -4). */
  static @Nullable Histogram of(ExponentialHistogramDataPoint point) {
    if (point.getScale() < SCHEMA_MIN) {
      return null;
    }
    int schema = Math.min(SCHEMA_MAX, point.getScale());
    int down = point.getScale() - schema;
    return Histogram.builder()
        .schema(schema)
        .count((double) point.getCount())
        .sum(point.hasSum() ? point.getSum() : Double.NaN)
        .zeroThreshold(point.getZeroThreshold())
        .zeroCount((double) point.getZeroCount())
        .positive(buckets(point.getPositive(), down))
        .negative(buckets(point.getNegative(), down))
        .build();
  }

  private static Buckets buckets(ExponentialHistogramDataPoint.Buckets buckets, int down) {
    int size = buckets.getBucketCountsCount();
    if (size == 0) {
      return Buckets.EMPTY;
    }
    int shift = Math.min(down, Integer.SIZE - 1);
    int first = buckets.getOffset() >> shift;
    int last = (buckets.getOffset() + size - 1) >> shift;
    double[] counts = new double[last - first + 1];
    for (int i = 0; i < size; i++) {
      counts[((buckets.getOffset() + i) >> shift) - first] += buckets.getBucketCounts(i);
    }
    return Buckets.dense(first + 1, counts);
  }
}
