package dev.tocsin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.storage.service.StorageService;
import dev.tocsin.testkit.Backends;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Points that overflowed what they were added up in stop nobody's metrics. */
final class PoisonMetricsIT {

  @Test
  void metrics_areStoredOn_afterDeltasAtTheEndsOfTheirTypes() throws Exception {
    try (StorageRig rig = new StorageRig("odd", Backends.freshDatabase("odd"), 1)) {
      StorageService service = rig.start();
      long now = Otlp.nowNanos();
      // make-poison.md, and what lies beside it.
      rig.send(
          rig.topics.metrics(),
          0,
          deltas(now, point(22, 2_147_483_646, 1), point(21, 1_073_741_823, 1)));
      rig.send(
          rig.topics.metrics(),
          0,
          deltas(now, point(22, Integer.MAX_VALUE, 1, 1), point(21, 1_073_741_823, 1)));
      rig.send(
          rig.topics.metrics(),
          0,
          deltas(now, point(Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0, 7)));
      rig.send(rig.topics.derived(), 0, Otlp.calls("derived", "OK", now, 3));
      rig.send(rig.topics.metrics(), 0, Otlp.calls("after", "OK", now, 2));
      rig.awaitNumber(
          "select next_offset from telemetry.ingest_offset where topic = '"
              + rig.topics.metrics().name()
              + "'",
          4);
      String calls = "/prometheus/api/v1/query?query=sum(traces_calls_total)";
      await()
          .atMost(StorageRig.PATIENCE)
          .until(() -> rig.get(service, calls).body().contains("\"5\""));
      assertThat(rig.get(service, "/prometheus/api/v1/query?query=histogram_count(odd)").body())
          .contains("\"status\":\"success\"");
      String metrics = rig.get(service, "/metrics").body();
      assertThat(metrics.lines().filter(line -> line.startsWith("tocsin_dead_letters"))).isEmpty();
    }
  }

  private static ExponentialHistogramDataPoint.Builder point(
      int scale, int offset, long... counts) {
    return ExponentialHistogramDataPoint.newBuilder()
        .setScale(scale)
        .setCount(Arrays.stream(counts).sum())
        .setPositive(
            ExponentialHistogramDataPoint.Buckets.newBuilder()
                .setOffset(offset)
                .addAllBucketCounts(Arrays.stream(counts).boxed().toList()));
  }

  private static ExportMetricsServiceRequest deltas(
      long nanos, ExponentialHistogramDataPoint.Builder... points) {
    ExponentialHistogram.Builder histogram =
        ExponentialHistogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    for (ExponentialHistogramDataPoint.Builder point : points) {
      histogram.addDataPoints(point.setTimeUnixNano(nanos));
    }
    Metric metric = Metric.newBuilder().setName("odd").setExponentialHistogram(histogram).build();
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            ResourceMetrics.newBuilder()
                .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(List.of(metric))))
        .build();
  }
}
