package dev.tocsin.alert.evaluate.publish;

import dev.tocsin.alert.evaluate.GaugeSample;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.StaleMarker;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Samples that rules made as OTLP gauges, one request for each partition of the topic; a series is
 * always in the same partition. The stale marker becomes a point without a recorded value.
 */
final class GaugeRequests {
  private GaugeRequests() {}

  static Map<Integer, byte[]> encode(List<GaugeSample> samples, int partitions) {
    Map<Integer, Map<String, Gauge.Builder>> gauges = new HashMap<>();
    for (GaugeSample sample : samples) {
      int partition = (int) Long.remainderUnsigned(sample.labels().stableHash(), partitions);
      gauges
          .computeIfAbsent(partition, p -> new TreeMap<>())
          .computeIfAbsent(sample.labels().metricName(), name -> Gauge.newBuilder())
          .addDataPoints(point(sample));
    }
    Map<Integer, byte[]> requests = new HashMap<>();
    gauges.forEach((partition, byName) -> requests.put(partition, request(byName)));
    return requests;
  }

  private static byte[] request(Map<String, Gauge.Builder> byName) {
    ScopeMetrics.Builder scope =
        ScopeMetrics.newBuilder()
            .setScope(InstrumentationScope.newBuilder().setName("dev.tocsin.evaluate"));
    byName.forEach(
        (name, gauge) -> scope.addMetrics(Metric.newBuilder().setName(name).setGauge(gauge)));
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
        .build()
        .toByteArray();
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
