package dev.tocsin.alert.publish;

import com.google.protobuf.CodedOutputStream;
import dev.tocsin.alert.ports.GaugeSample;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.StaleMarker;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Samples that rules made as OTLP gauges, in requests for each partition of the topic; a series is
 * always in the same partition. The stale marker becomes a point without a recorded value.
 *
 * <p>A request ends before it gets larger than {@link #BYTES_MAX}, however large the labels are:
 * far below what a record may have, and below what Kafka allows if nobody told it otherwise. Only a
 * single sample that is larger than that has a request of its own size.
 */
final class GaugeRequests {
  static final int BYTES_MAX = 512 << 10;

  /** Of tags and lengths around a point, and of the request around all. */
  private static final int POINT_OVERHEAD_BYTES = 12;

  private static final int METRIC_OVERHEAD_BYTES = 24;

  private final List<byte[]> done = new ArrayList<>();
  private final Map<String, Gauge.Builder> byName = new TreeMap<>();
  private long bytes;

  private GaugeRequests() {}

  static Map<Integer, List<byte[]>> encode(List<GaugeSample> samples, int partitions) {
    Map<Integer, GaugeRequests> byPartition = new HashMap<>();
    for (GaugeSample sample : samples) {
      int partition = (int) Long.remainderUnsigned(sample.labels().stableHash(), partitions);
      byPartition.computeIfAbsent(partition, p -> new GaugeRequests()).add(sample);
    }
    Map<Integer, List<byte[]>> requests = new HashMap<>();
    byPartition.forEach((partition, own) -> requests.put(partition, own.finish()));
    return requests;
  }

  private void add(GaugeSample sample) {
    NumberDataPoint point = point(sample);
    String name = sample.labels().metricName();
    long more = (long) point.getSerializedSize() + POINT_OVERHEAD_BYTES;
    more +=
        byName.containsKey(name)
            ? 0
            : CodedOutputStream.computeStringSizeNoTag(name) + METRIC_OVERHEAD_BYTES;
    if (bytes > 0 && bytes + more > BYTES_MAX) {
      cut();
    }
    byName.computeIfAbsent(name, n -> Gauge.newBuilder()).addDataPoints(point);
    bytes += more;
  }

  private void cut() {
    if (byName.isEmpty()) {
      return;
    }
    ScopeMetrics.Builder scope =
        ScopeMetrics.newBuilder()
            .setScope(InstrumentationScope.newBuilder().setName("dev.tocsin.evaluate"));
    byName.forEach(
        (name, gauge) -> scope.addMetrics(Metric.newBuilder().setName(name).setGauge(gauge)));
    done.add(
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
            .build()
            .toByteArray());
    byName.clear();
    bytes = 0;
  }

  private List<byte[]> finish() {
    cut();
    return done;
  }

  private static NumberDataPoint point(GaugeSample sample) {
    NumberDataPoint.Builder point =
        NumberDataPoint.newBuilder()
            .setTimeUnixNano(TimeUnit.MILLISECONDS.toNanos(sample.timeMs()));
    sample
        .labels()
        .forEach(
            (name, value) -> {
              if (!name.equals(Labels.METRIC_NAME)) {
                point.addAttributes(
                    KeyValue.newBuilder()
                        .setKey(name)
                        .setValue(AnyValue.newBuilder().setStringValue(value)));
              }
            });
    if (StaleMarker.is(sample.value())) {
      point.setFlags(DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE);
    } else {
      point.setAsDouble(sample.value());
    }
    return point.build();
  }
}
