package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the heap of the launcher metrics are stored on, however many series small requests make. */
final class MetricHeapIT {
  private static final String LAUNCHER_HEAP = "400m";
  private static final int BUCKETS = 30_000;
  private static final int REQUESTS = 12;
  private static final int REQUESTS_A_ROUND = 4;
  private static final Duration MARKER_WITHIN = Duration.ofSeconds(20);

  @TempDir Path directory;

  @Test
  void markers_areStoredAmong_histogramsOfThousandsOfBounds() throws Exception {
    storedOnAmong(
        "bounds", number -> List.of(classic(number, "a").build(), classic(number, "b").build()));
  }

  @Test
  void markers_areStoredAmong_exponentialHistogramsOfThousandsOfBuckets() throws Exception {
    storedOnAmong(
        "buckets",
        number -> IntStream.range(0, 20).mapToObj(i -> exponential(number, i).build()).toList());
  }

  private void storedOnAmong(String name, IntFunction<List<Metric>> attack) throws Exception {
    Path log = directory.resolve("storage.log");
    try (StorageRig rig = new StorageRig(name, Backends.freshDatabase(name), 1)) {
      StorageChild child = rig.startProcess(log, LAUNCHER_HEAP);
      try {
        rig.send(rig.topics.metrics(), 0, marker("before"));
        await().atMost(StorageRig.PATIENCE).ignoreExceptions().until(() -> isStored(rig, "before"));
        for (int number = 0; number < REQUESTS; number++) {
          rig.send(rig.topics.metrics(), 0, request(attack.apply(number)));
          if (number % REQUESTS_A_ROUND == REQUESTS_A_ROUND - 1) {
            String marker = "after" + number;
            rig.send(rig.topics.metrics(), 0, marker(marker));
            await().atMost(MARKER_WITHIN).until(() -> isStored(rig, marker));
          }
        }
        assertThat(child.isAlive()).isTrue();
        assertThat(Files.readString(log)).doesNotContain("java.lang.OutOfMemoryError");
      } finally {
        child.kill();
      }
    }
  }

  /** A series is entered by the statement that stores its samples. */
  private static boolean isStored(StorageRig rig, String marker) {
    return rig.number("select count(*) from telemetry.series where metric = '" + marker + "'") > 0;
  }

  private static ExportMetricsServiceRequest marker(String name) {
    return request(
        List.of(
            Metric.newBuilder()
                .setName(name)
                .setGauge(
                    Gauge.newBuilder()
                        .addDataPoints(
                            NumberDataPoint.newBuilder()
                                .setTimeUnixNano(Otlp.nowNanos())
                                .setAsInt(1)))
                .build()));
  }

  private static Metric.Builder classic(int number, String name) {
    HistogramDataPoint.Builder point =
        HistogramDataPoint.newBuilder()
            .setTimeUnixNano(Otlp.nowNanos())
            .addAttributes(Otlp.text("request", name + number))
            .setCount(BUCKETS)
            .addAllBucketCounts(Collections.nCopies(BUCKETS + 1, 1L));
    IntStream.range(0, BUCKETS).forEach(bound -> point.addExplicitBounds(bound));
    return Metric.newBuilder()
        .setName("wide")
        .setHistogram(
            Histogram.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                .addDataPoints(point));
  }

  private static Metric.Builder exponential(int number, int index) {
    return Metric.newBuilder()
        .setName("deep")
        .setExponentialHistogram(
            ExponentialHistogram.newBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                .addDataPoints(
                    ExponentialHistogramDataPoint.newBuilder()
                        .setTimeUnixNano(Otlp.nowNanos())
                        .addAttributes(Otlp.text("request", number + "-" + index))
                        .setScale(20)
                        .setCount(BUCKETS)
                        .setPositive(
                            ExponentialHistogramDataPoint.Buckets.newBuilder()
                                .addAllBucketCounts(Collections.nCopies(BUCKETS, 1L)))));
  }

  private static ExportMetricsServiceRequest request(List<Metric> metrics) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(metrics)))
        .build();
  }
}
