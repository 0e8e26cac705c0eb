package dev.tocsin.storage.write.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint.Buckets;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Exponential histograms as an SDK sends them as deltas, and as totals, become the same series. */
final class ExponentialTotalsTest {
  private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(START.plusSeconds(3_000));
  private static final int BUCKETS_MAX = 160;
  private static final int STEPS = 25;

  @Test
  void deltas_becomeWhatTotalsAre_whateverTheScales() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<Double> all = new ArrayList<>();
      MetricBuffer deltas = buffer(List.of());
      MetricBuffer totals = buffer(List.of());
      List<SeriesSamples> kept = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
        List<Double> some = values(random, seed);
        all.addAll(some);
        add(deltas, point(some, step), AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        add(totals, point(all, step), AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        if (random.nextInt(8) == 0) {
          // A restart: what was stored is all that is known.
          kept.addAll(histograms(deltas));
          deltas = buffer(kept.subList(kept.size() - 1, kept.size()));
        }
      }
      kept.addAll(histograms(deltas));
      TreeMap<Long, String> sums = new TreeMap<>();
      kept.forEach(series -> describe(series, sums));
      TreeMap<Long, String> expected = new TreeMap<>();
      histograms(totals).forEach(series -> describe(series, expected));
      assertThat(sums).as("seed %s", seed).hasSize(STEPS).isEqualTo(expected);
    }
  }

  @Test
  void stalenessMarker_isNoTotal() {
    MetricBuffer buffer = buffer(List.of());
    add(buffer, point(List.of(1.5), 0), AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    add(
        buffer,
        ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(nanos(1)).setFlags(1).build(),
        AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    List<SeriesSamples> stored = all(buffer);
    assertThat(stored).allMatch(series -> series.accumulated() && series.lastRecorded() == 0);
    MetricBuffer next = buffer(stored);
    add(next, point(List.of(3.0), 2), AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    SeriesSamples histogram = histograms(next).get(0);
    Exponential total = histogram.histogram(0);
    assertThat(total).isNotNull();
    assertThat(total.count()).isEqualTo(2);
  }

  private static List<Double> values(Random random, int seed) {
    List<Double> values = new ArrayList<>();
    double middle = random.nextInt(3) * seed / 10.0;
    for (int i = random.nextInt(40); i >= 0; i--) {
      double value = Math.exp(middle + random.nextGaussian() * (seed % 7 + 0.01));
      values.add(
          switch (random.nextInt(10)) {
            case 0 -> 0.0;
            case 1 -> -value;
            default -> value;
          });
    }
    return values;
  }

  /**
   * As an SDK aggregates: the highest scale up to 20 at which either side fits into 160 buckets.
   */
  private static ExponentialHistogramDataPoint point(List<Double> values, int step) {
    double[] positive = values.stream().filter(v -> v > 0).mapToDouble(v -> v).toArray();
    double[] negative = values.stream().filter(v -> v < 0).mapToDouble(v -> -v).toArray();
    // Bits beyond scale 8 differ by rounding; Prometheus has no more.
    int scale = 8;
    while (span(positive, scale) > BUCKETS_MAX || span(negative, scale) > BUCKETS_MAX) {
      scale--;
    }
    return ExponentialHistogramDataPoint.newBuilder()
        .setTimeUnixNano(nanos(step))
        .setScale(scale)
        .setCount(values.size())
        .setZeroCount(values.stream().filter(v -> v == 0).count())
        .setSum(values.size())
        .setPositive(buckets(positive, scale))
        .setNegative(buckets(negative, scale))
        .build();
  }

  private static long nanos(int step) {
    return (START.toEpochMilli() + step * 15_000L) * 1_000_000;
  }

  private static int index(double value, int scale) {
    int finest = (int) Math.ceil(Math.log(value) / Math.log(2) * 256) - 1;
    return finest >> (8 - scale);
  }

  private static int span(double[] values, int scale) {
    int low = Integer.MAX_VALUE;
    int high = Integer.MIN_VALUE;
    for (double value : values) {
      low = Math.min(low, index(value, scale));
      high = Math.max(high, index(value, scale));
    }
    return values.length == 0 ? 0 : high - low + 1;
  }

  private static Buckets buckets(double[] values, int scale) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    for (double value : values) {
      counts.merge(index(value, scale), 1L, Long::sum);
    }
    Buckets.Builder buckets = Buckets.newBuilder();
    if (!counts.isEmpty()) {
      buckets.setOffset(counts.firstKey());
      for (int i = counts.firstKey(); i <= counts.lastKey(); i++) {
        buckets.addBucketCounts(counts.getOrDefault(i, 0L));
      }
    }
    return buckets.build();
  }

  private static MetricBuffer buffer(List<SeriesSamples> restored) {
    return new MetricBuffer(
        new Window(CLOCK, Duration.ofDays(7), Duration.ofHours(1)),
        CLOCK,
        0,
        IdentifyingAttributes.DEFAULT,
        restored,
        new RecentlySeen<>(CLOCK),
        MetricHeap.ofProcess(),
        RecentItems.ofProcess(CLOCK),
        new SeriesCollisions(CLOCK));
  }

  private static void add(
      MetricBuffer buffer,
      ExponentialHistogramDataPoint point,
      AggregationTemporality temporality) {
    byte[] value =
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder()
                    .addScopeMetrics(
                        ScopeMetrics.newBuilder()
                            .addMetrics(
                                Metric.newBuilder()
                                    .setName("lat")
                                    .setExponentialHistogram(
                                        ExponentialHistogram.newBuilder()
                                            .setAggregationTemporality(temporality)
                                            .addDataPoints(point)))))
            .build()
            .toByteArray();
    assertThat(buffer.add(new ConsumerRecord<>("metrics", 0, 0, new byte[0], value))).isEmpty();
  }

  private static List<SeriesSamples> all(MetricBuffer buffer) {
    Batch.Samples samples = (Batch.Samples) buffer.drain(0).get();
    buffer.stored();
    return samples.parts().stream()
        .flatMap(part -> MetricBlocks.decode(MetricBlocks.FORMAT, part.data()).stream())
        .toList();
  }

  private static List<SeriesSamples> histograms(MetricBuffer buffer) {
    return all(buffer).stream().filter(SeriesSamples::hasHistograms).toList();
  }

  private static void describe(SeriesSamples series, Map<Long, String> into) {
    for (int i = 0; i < series.size(); i++) {
      Exponential each = series.histogram(i);
      assertThat(each).isNotNull();
      into.put(
          series.timeMs(i),
          "%d: %d %s %d %s %s"
              .formatted(
                  each.scale(),
                  each.count(),
                  each.sum(),
                  each.zeroCount(),
                  describe(each.positive()),
                  describe(each.negative())));
    }
  }

  private static String describe(Exponential.Side side) {
    return side.offset() + java.util.Arrays.toString(side.counts());
  }
}
