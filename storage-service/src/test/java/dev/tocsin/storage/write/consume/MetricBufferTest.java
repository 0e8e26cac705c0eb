package dev.tocsin.storage.write.consume;

import static io.opentelemetry.proto.metrics.v1.AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
import static io.opentelemetry.proto.metrics.v1.AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.wire.RecentItems;
import dev.tocsin.segment.index.Hashes;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.storage.ports.Batch;
import dev.tocsin.storage.ports.SeriesCollisions;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

final class MetricBufferTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-23T10:30:00Z"));

  private final MetricBuffer buffer = buffer();

  @Test
  void samples_areFiledByTheHour() throws Exception {
    Optional<Buffer.Rejected> rejected =
        buffer.add(
            message(point(0, "a"), point(Duration.ofHours(2).toMillis(), "a"), point(1, "b")));
    assertThat(rejected).isEmpty();
    Batch.Samples samples = (Batch.Samples) buffer.drain(0).get();
    assertThat(samples.parts()).hasSize(2);
    assertThat(samples.items()).isEqualTo(3);
    assertThat(samples.series()).extracting(Batch.SeriesEntry::metric).containsOnly("load");
    assertThat(samples.series()).hasSize(2);
    assertThat(buffer.items()).isZero();
  }

  @Test
  void samplesThatCannotBeStored_areNamed_andTheOthersKept() throws Exception {
    String huge = "x".repeat(MetricBuffer.LABEL_CHARS_MAX);
    Optional<Buffer.Rejected> rejected =
        buffer.add(
            message(point(0, "a"), point(Duration.ofDays(9).toMillis(), "a"), point(0, huge)));
    assertThat(rejected).isPresent();
    assertThat(rejected.get().items()).isEqualTo(2);
    assertThat(rejected.get().detail()).contains("time_outside=1").contains("labels_too_long=1");
    assertThat(buffer.drain(0).get().items()).isEqualTo(1);
  }

  @Test
  void series_areOfferedToTheCatalogueAgain_untilStored() throws Exception {
    assertThat(buffer.add(message(point(0, "a")))).isEmpty();
    assertThat(((Batch.Samples) buffer.drain(0).get()).series()).hasSize(1);
    buffer.stored();
    assertThat(buffer.add(message(point(0, "a")))).isEmpty();
    assertThat(((Batch.Samples) buffer.drain(0).get()).series()).isEmpty();
  }

  @Test
  void values_areInTheBlock() throws Exception {
    assertThat(buffer.add(message(point(5, "a"), point(0, "a")))).isEmpty();
    Batch.Samples samples = (Batch.Samples) buffer.drain(0).get();
    List<SeriesSamples> decoded =
        MetricBlocks.decode(MetricBlocks.FORMAT, samples.parts().get(0).data());
    assertThat(decoded).hasSize(1);
    assertThat(decoded.get(0).size()).isEqualTo(2);
    assertThat(decoded.get(0).timeMs(1)).isEqualTo(CLOCK.millis());
  }

  @Test
  void heap_isToldOfEverySeriesAndItsLabels_untilItIsDrained() throws Exception {
    String value = "x".repeat(2_000);
    for (int i = 0; i < 100; i++) {
      assertThat(buffer.add(message(point(0, i + value)))).isEmpty();
    }
    assertThat(buffer.heapBytes())
        .isGreaterThan(100 * (MetricBuffer.SERIES_HEAP_BYTES + 2L * value.length()));
    assertThat(buffer.drain(0).get().items()).isEqualTo(100);
    assertThat(buffer.heapBytes()).isZero();
  }

  @Test
  void points_comeBackWithEverythingTheyHold() throws Exception {
    comeBack(200, RandomMetrics::request);
  }

  @Test
  void points_comeBack_evenIfNoSdkWouldMakeThem() throws Exception {
    comeBack(600, RandomMetrics::hostile);
  }

  @Test
  void points_comeBack_evenIfTheirLabelsAreTooLongForSamples() throws Exception {
    comeBack(60, RandomMetrics::outsized, "labels_too_long");
  }

  private static void comeBack(
      int seeds, Function<RandomMetrics, ExportMetricsServiceRequest> requests) throws Exception {
    comeBack(seeds, requests, "");
  }

  private static void comeBack(
      int seeds, Function<RandomMetrics, ExportMetricsServiceRequest> requests, String refused)
      throws Exception {
    for (long seed = 0; seed < seeds; seed++) {
      MetricBuffer all = buffer();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 1 + seed % 7; i++) {
        ExportMetricsServiceRequest request =
            requests.apply(new RandomMetrics(seed * 100 + i, CLOCK.millis() - i * 15_000L));
        assertThat(all.add(message(request.toByteArray())).map(Buffer.Rejected::reason))
            .satisfiesAnyOf(
                reason -> assertThat(reason).isEmpty(),
                reason -> assertThat(reason).hasValue(refused));
        expected.addAll(points(request));
      }
      Batch.Samples samples = (Batch.Samples) all.drain(0).get();
      List<String> found = new ArrayList<>();
      for (EncodedMetrics part : samples.parts()) {
        List<SeriesSamples> block = MetricBlocks.decode(MetricBlocks.FORMAT, part.data());
        found.addAll(points(RawMetrics.decode(part.raw(), block).toRequest()));
      }
      assertThat(found).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  /** Every point alone with its metric, scope and resource. */
  private static List<String> points(ExportMetricsServiceRequest request) {
    List<String> points = new ArrayList<>();
    for (ResourceMetrics resource : request.getResourceMetricsList()) {
      for (ScopeMetrics scope : resource.getScopeMetricsList()) {
        for (Metric metric : scope.getMetricsList()) {
          for (Metric alone : RandomMetrics.pointByPoint(metric)) {
            points.add(
                resource.toBuilder()
                    .clearScopeMetrics()
                    .addScopeMetrics(scope.toBuilder().clearMetrics().addMetrics(alone))
                    .build()
                    .toString());
          }
        }
      }
    }
    return points;
  }

  @Test
  void nativeHistogram_isInTheCatalogue_andFoundByItsName() throws Exception {
    RandomMetrics random = new RandomMetrics(1, CLOCK.millis());
    assertThat(buffer.add(message(random.exponential("latency").toByteArray()))).isEmpty();
    Batch.Samples samples = (Batch.Samples) buffer.drain(0).get();
    assertThat(samples.series())
        .extracting(Batch.SeriesEntry::metric)
        .containsExactlyInAnyOrder("latency", "latency_sum", "latency_count");
    assertThat(samples.parts().get(0).metrics()).contains(Hashes.metric("latency"));
  }

  @Test
  void heap_isToldOfTheBucketsOfHistograms() throws Exception {
    assertThat(buffer.add(exponential(AGGREGATION_TEMPORALITY_CUMULATIVE, 4_000))).isEmpty();
    assertThat(buffer.heapBytes()).isGreaterThan(8 * 4_000);
  }

  @Test
  void record_makesNoMoreThanItMay_andTheNextOnesGoOn() throws Exception {
    long recordMax = 100_000;
    MetricBuffer small = buffer(new MetricHeap(new TotalsMemory(1 << 20), recordMax));
    NumberDataPoint[] many = new NumberDataPoint[10_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = point(0, "number" + i);
    }
    Optional<Buffer.Rejected> rejected = small.add(message(many));
    assertThat(rejected).isPresent();
    assertThat(rejected.get().reason()).isEqualTo("too_many_series");
    assertThat(rejected.get().items()).isBetween(9_900, 9_999);
    assertThat(small.heapBytes()).isLessThan(2 * recordMax);
    assertThat(small.add(message(point(0, "next")))).isEmpty();
    Batch.Samples samples = (Batch.Samples) small.drain(0).get();
    assertThat(samples.items()).isEqualTo(10_001 - rejected.get().items());
    EncodedMetrics part = samples.parts().get(0);
    List<SeriesSamples> block = MetricBlocks.decode(MetricBlocks.FORMAT, part.data());
    assertThat(points(RawMetrics.decode(part.raw(), block).toRequest()).size())
        .isBetween(10, 1_000);
  }

  @Test
  void deltaHistogram_isRefusedAndNamed_whenThereIsNoRoomForItsTotal() throws Exception {
    MetricBuffer full = buffer(new MetricHeap(new TotalsMemory(0), 1 << 20));
    Optional<Buffer.Rejected> rejected = full.add(exponential(AGGREGATION_TEMPORALITY_DELTA, 20));
    assertThat(rejected).isPresent();
    assertThat(rejected.get().detail()).contains("too_many_series=2");
    assertThat(full.add(exponential(AGGREGATION_TEMPORALITY_CUMULATIVE, 20))).isEmpty();
    assertThat(full.drain(0).get().items()).isEqualTo(2);
  }

  private static ConsumerRecord<byte[], byte[]> exponential(
      AggregationTemporality temporality, int buckets) {
    ExponentialHistogramDataPoint point =
        ExponentialHistogramDataPoint.newBuilder()
            .setTimeUnixNano(TimeUnit.MILLISECONDS.toNanos(CLOCK.millis()))
            .setCount(buckets)
            .setPositive(
                ExponentialHistogramDataPoint.Buckets.newBuilder()
                    .addAllBucketCounts(Collections.nCopies(buckets, 1L)))
            .build();
    return message(
        Metric.newBuilder()
            .setName("latency")
            .setExponentialHistogram(
                ExponentialHistogram.newBuilder()
                    .setAggregationTemporality(temporality)
                    .addDataPoints(point)));
  }

  private static MetricBuffer buffer() {
    return buffer(MetricHeap.ofProcess());
  }

  private static MetricBuffer buffer(MetricHeap heap) {
    return new MetricBuffer(
        new Window(CLOCK, Duration.ofDays(7), Duration.ofHours(1)),
        CLOCK,
        0,
        IdentifyingAttributes.DEFAULT,
        List.of(),
        new RecentlySeen<>(CLOCK),
        heap,
        RecentItems.ofProcess(CLOCK),
        new SeriesCollisions(CLOCK));
  }

  private static ConsumerRecord<byte[], byte[]> message(byte[] value) {
    return new ConsumerRecord<>("metrics", 0, 0, new byte[0], value);
  }

  private static NumberDataPoint point(long agoMs, String label) {
    return NumberDataPoint.newBuilder()
        .setTimeUnixNano(TimeUnit.MILLISECONDS.toNanos(CLOCK.millis() - agoMs))
        .setAsDouble(0.5)
        .addAttributes(
            KeyValue.newBuilder()
                .setKey("label")
                .setValue(AnyValue.newBuilder().setStringValue(label)))
        .build();
  }

  private static ConsumerRecord<byte[], byte[]> message(NumberDataPoint... points) {
    return message(
        Metric.newBuilder()
            .setName("load")
            .setGauge(Gauge.newBuilder().addAllDataPoints(List.of(points))));
  }

  private static ConsumerRecord<byte[], byte[]> message(Metric.Builder metric) {
    return message(
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder()
                    .addScopeMetrics(ScopeMetrics.newBuilder().addMetrics(metric)))
            .build()
            .toByteArray());
  }
}
