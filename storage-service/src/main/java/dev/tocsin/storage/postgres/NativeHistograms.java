package dev.tocsin.storage.postgres;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.storage.segment.Exponential;

/**
 * OTLP exponential histograms as Prometheus native histograms, by the OpenTelemetry-to-Prometheus
 * rules: scales above 8 are merged down to 8, bucket {@code i} becomes bucket {@code i + 1}.
 */
final class NativeHistograms {
  private static final int SCHEMA_MAX = 8;
  private static final int SCHEMA_MIN = -4;

  private NativeHistograms() {}

  /** Whether Prometheus has buckets as wide as those of the scale; it refuses others. */
  static boolean isShown(Exponential histogram) {
    return histogram.scale() >= SCHEMA_MIN;
  }

  /**
   * @throws IllegalArgumentException when {@link #isShown} is false
   */
  static Histogram of(Exponential stored) {
    if (!isShown(stored)) {
      throw new IllegalArgumentException(
          "scale " + stored.scale() + " (expected: at least " + SCHEMA_MIN + ")");
    }
    Exponential histogram = stored.atScale(SCHEMA_MAX);
    return Histogram.builder()
        .schema(histogram.scale())
        .count((double) histogram.count())
        .sum(histogram.sum())
        .zeroThreshold(histogram.zeroThreshold())
        .zeroCount((double) histogram.zeroCount())
        .positive(buckets(histogram.positive()))
        .negative(buckets(histogram.negative()))
        .build();
  }

  private static Buckets buckets(Exponential.Side side) {
    double[] counts = new double[side.counts().length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = side.counts()[i];
    }
    return counts.length == 0 ? Buckets.EMPTY : Buckets.dense(side.offset() + 1, counts);
  }
}
