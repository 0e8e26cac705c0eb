package dev.tocsin.storage.read.metric;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.segment.metric.Exponential;

/**
 * OTLP exponential histograms as Prometheus native histograms, by the OpenTelemetry-to-Prometheus
 * rules: scales above 8 are merged down to 8, bucket {@code i} becomes bucket {@code i + 1}.
 */
final class NativeHistograms {
  private static final int SCHEMA_MAX = 8;
  private static final int SCHEMA_MIN = -4;

  /** No finite float of any schema is further from 1; the least has index -274,944. */
  private static final long PLACE_MAX = 1L << 20;

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
        .zeroThreshold(histogram.zeroWidth())
        .zeroCount((double) histogram.zeroCount())
        .positive(buckets(histogram.positive()))
        .negative(buckets(histogram.negative()))
        .build();
  }

  private static Buckets buckets(Exponential.Side side) {
    long[] stored = side.counts();
    if (stored.length == 0) {
      return Buckets.EMPTY;
    }
    long first = place(side.offset());
    double[] counts = new double[(int) (place(side.offset() + stored.length - 1) - first) + 1];
    for (int i = 0; i < stored.length; i++) {
      counts[(int) (place(side.offset() + i) - first)] += stored[i];
    }
    return Buckets.dense((int) first, counts);
  }

  /** Buckets that lie beyond all floats come together. */
  private static long place(long index) {
    return Math.max(-PLACE_MAX, Math.min(PLACE_MAX, index + 1));
  }
}
