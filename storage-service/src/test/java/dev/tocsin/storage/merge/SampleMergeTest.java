package dev.tocsin.storage.merge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tocsin.storage.segment.EncodedMetrics;
import dev.tocsin.storage.segment.Hashes;
import dev.tocsin.storage.segment.MetricBlocks;
import dev.tocsin.storage.segment.RawMetrics;
import dev.tocsin.storage.segment.SeriesSamples;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What small blocks hold, the merged ones hold: samples, and metrics kept as they came. */
final class SampleMergeTest {
  private static final int SERIES = 40;
  private static final int BLOCKS = 20;
  private static final int SAMPLES = 30;
  private static final long HOUR_MS = 1_777_629_600_000L;

  private final Map<Long, String> names = new HashMap<>();

  private SampleMerge.Block block(int number, boolean withRaw) {
    List<SeriesSamples> series = new ArrayList<>();
    for (long id = 0; id < SERIES; id++) {
      String metric = "m" + id % 8;
      names.put(id, metric);
      SeriesSamples samples = new SeriesSamples(id, metric, false);
      for (int i = 0; i < SAMPLES; i++) {
        samples.add(HOUR_MS + (number * SAMPLES + i) * 1_000L, (double) (number + id));
      }
      series.add(samples);
    }
    List<ByteString> raw = new ArrayList<>();
    for (int i = 0; withRaw && i < 5; i++) {
      raw.add(histogram("h" + i, number));
    }
    EncodedMetrics encoded = MetricBlocks.encode(series);
    return new SampleMerge.Block(
        series,
        RawMetrics.encode(raw),
        Arrays.asList(encoded.metrics()),
        encoded.minMs(),
        encoded.maxMs());
  }

  private static ByteString histogram(String name, int number) {
    Metric metric =
        Metric.newBuilder()
            .setName(name)
            .setExponentialHistogram(
                ExponentialHistogram.newBuilder()
                    .setAggregationTemporality(
                        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                    .addDataPoints(
                        ExponentialHistogramDataPoint.newBuilder()
                            .setTimeUnixNano((HOUR_MS + number * 30_000L) * 1_000_000)
                            .setCount(number)
                            .setMin(number)))
            .build();
    ScopeMetrics scope =
        ScopeMetrics.newBuilder()
            .setScope(InstrumentationScope.newBuilder().setName("meter-" + name))
            .build();
    return RawMetrics.bytes(ResourceMetrics.getDefaultInstance(), scope, metric);
  }

  private static List<ByteString> raw(List<byte[]> raws) {
    List<ByteString> all = new ArrayList<>();
    RawMetrics.byName(raws).values().forEach(all::addAll);
    return all;
  }

  private static int samples(List<EncodedMetrics> blocks) {
    return blocks.stream().mapToInt(EncodedMetrics::count).sum();
  }

  @Test
  void metricsKeptAsTheyCame_areCarriedAlong_andFoundByName() {
    List<SampleMerge.Block> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(block(i, i % 3 != 1));
    }
    List<EncodedMetrics> merged = SampleMerge.of(blocks, names);
    assertThat(merged).hasSizeGreaterThan(1);
    assertThat(samples(merged)).isEqualTo(SERIES * BLOCKS * SAMPLES);
    assertThat(raw(merged.stream().map(EncodedMetrics::raw).toList()))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(raw(blocks.stream().map(b -> b.raw()).toList()));
    for (EncodedMetrics each : merged) {
      RawMetrics.byName(List.of(each.raw()))
          .forEach(
              (name, metrics) -> {
                assertThat(each.metrics()).contains(Hashes.metric(name));
                assertThat(each.minMs()).isEqualTo(HOUR_MS);
                assertThat(each.maxMs()).isGreaterThanOrEqualTo(HOUR_MS + (BLOCKS - 1) * 30_000L);
              });
    }
  }

  @Test
  void plainBlocks_haveNothingBesideTheirSamples() {
    List<EncodedMetrics> merged = SampleMerge.of(List.of(block(0, false), block(1, false)), names);
    assertThat(merged).hasSize(1);
    assertThat(merged.get(0).raw()).isEmpty();
    assertThat(merged.get(0).count()).isEqualTo(2 * SERIES * SAMPLES);
  }
}
