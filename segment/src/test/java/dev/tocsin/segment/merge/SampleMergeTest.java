package dev.tocsin.segment.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.MetricPoints;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesId;
import dev.tocsin.segment.metric.SeriesSamples;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What small blocks hold, the merged ones hold: samples, and the points they are of. */
final class SampleMergeTest {
  private static final int BLOCKS = 20;
  private static final int ROUNDS = 10;
  private static final int SERIES = 60;
  private static final long HOUR_MS = 1_777_629_600_000L;

  private final Map<Long, String> names = new HashMap<>();

  private SampleMerge.Block block(int number, boolean withPoints) {
    Map<Long, SeriesSamples> series = new HashMap<>();
    MetricPoints points = new MetricPoints();
    for (int round = 0; round < ROUNDS; round++) {
      ExportMetricsServiceRequest request = request(number * ROUNDS + round);
      PrometheusSeries.read(
          request,
          (labels, kind, timeMs, startMs, value) -> {
            long id = SeriesId.of(labels);
            String metric = labels.getOrDefault("__name__", "");
            names.put(id, metric);
            series.computeIfAbsent(id, i -> new SeriesSamples(i, metric, false)).add(timeMs, value);
          });
      if (withPoints) {
        MetricPoints.distribute(
            request, SeriesNaming.of(request, IdentifyingAttributes.DEFAULT), time -> points);
      }
    }
    EncodedMetrics encoded = MetricBlocks.encode(series.values());
    return new SampleMerge.Block(
        decoded(encoded),
        RawMetrics.encode(points, series.values()),
        Arrays.asList(encoded.metrics()),
        encoded.minMs(),
        encoded.maxMs());
  }

  private static ExportMetricsServiceRequest request(int step) {
    long nanos = (HOUR_MS + step * 15_000L) * 1_000_000 + 123_456 + step % 3;
    Gauge.Builder gauge = Gauge.newBuilder();
    Histogram.Builder histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (int i = 0; i < SERIES; i++) {
      KeyValue attribute =
          KeyValue.newBuilder().setKey("k").setValue(AnyValue.newBuilder().setIntValue(i)).build();
      gauge.addDataPoints(
          NumberDataPoint.newBuilder()
              .setTimeUnixNano(nanos)
              .setAsDouble(Math.sin(step + i))
              .addAttributes(attribute));
      histogram.addDataPoints(
          HistogramDataPoint.newBuilder()
              .setTimeUnixNano(nanos)
              .setStartTimeUnixNano(HOUR_MS)
              .setCount(3L * step)
              .addAllBucketCounts(List.of((long) step, (long) step, (long) step))
              .addAllExplicitBounds(List.of(1.0, 2.0))
              .setSum(step)
              .setMax(step)
              .addAttributes(attribute));
    }
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(
                    ScopeMetrics.newBuilder()
                        .addMetrics(Metric.newBuilder().setName("g").setGauge(gauge))
                        .addMetrics(Metric.newBuilder().setName("h").setHistogram(histogram))))
        .build();
  }

  private static List<SeriesSamples> decoded(EncodedMetrics block) {
    return MetricBlocks.decode(MetricBlocks.FORMAT, block.data());
  }

  private static int samples(List<EncodedMetrics> blocks) {
    return blocks.stream().mapToInt(EncodedMetrics::count).sum();
  }

  /** Points as text, by what they are of. */
  private static List<String> points(byte[] raw, List<SeriesSamples> block) {
    List<String> points = new ArrayList<>();
    for (Metric metric : metrics(RawMetrics.decode(raw, block).toRequest())) {
      String of = metric.getName() + " ";
      metric.getGauge().getDataPointsList().forEach(point -> points.add(of + point));
      metric.getHistogram().getDataPointsList().forEach(point -> points.add(of + point));
    }
    return points;
  }

  private static List<Metric> metrics(ExportMetricsServiceRequest request) {
    return request.getResourceMetricsList().stream()
        .flatMap(resource -> resource.getScopeMetricsList().stream())
        .flatMap(scope -> scope.getMetricsList().stream())
        .toList();
  }

  @Test
  void pointsAndSamples_areTheSameAfterwards() {
    List<SampleMerge.Block> blocks = new ArrayList<>();
    List<String> points = new ArrayList<>();
    int samples = 0;
    for (int i = 0; i < BLOCKS; i++) {
      SampleMerge.Block block = block(i, i % 3 != 1);
      blocks.add(block);
      points.addAll(points(block.raw(), block.series()));
      samples += block.series().stream().mapToInt(SeriesSamples::size).sum();
    }
    List<EncodedMetrics> merged = SampleMerge.of(blocks, names);
    assertThat(merged).hasSizeGreaterThan(1);
    assertThat(samples(merged)).isEqualTo(samples);
    List<String> found = new ArrayList<>();
    merged.forEach(block -> found.addAll(points(block.raw(), decoded(block))));
    assertThat(found).isNotEmpty().containsExactlyInAnyOrderElementsOf(points);
  }

  @Test
  void everySeries_isInOneBlock_andWhatShowsThePointsOfOneStreamTogether() {
    List<SampleMerge.Block> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(block(i, true));
    }
    Map<Long, Integer> places = new TreeMap<>();
    List<EncodedMetrics> merged = SampleMerge.of(blocks, names);
    for (int i = 0; i < merged.size(); i++) {
      for (SeriesSamples series : decoded(merged.get(i))) {
        assertThat(places.put(series.id(), i)).as("series %s", series.id()).isNull();
      }
    }
    Map<String, Set<Integer>> byStream = new HashMap<>();
    PrometheusSeries.read(
        request(0),
        (labels, kind, timeMs, startMs, value) ->
            byStream
                .computeIfAbsent(
                    labels.getOrDefault("__name__", "").charAt(0) + labels.getOrDefault("k", ""),
                    stream -> new HashSet<>())
                .add(places.getOrDefault(SeriesId.of(labels), -1)));
    assertThat(byStream).hasSize(2 * SERIES);
    assertThat(byStream.values()).allMatch(found -> found.size() == 1 && !found.contains(-1));
  }

  @Test
  void blocksWithoutPoints_haveNothingBesideTheirSamples() {
    List<EncodedMetrics> merged = SampleMerge.of(List.of(block(0, false), block(1, false)), names);
    assertThat(merged).hasSize(1);
    assertThat(merged.get(0).raw()).isEmpty();
    assertThat(merged.get(0).count()).isEqualTo(2 * ROUNDS * SERIES * 6);
  }
}
