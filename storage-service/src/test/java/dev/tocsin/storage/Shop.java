package dev.tocsin.storage;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The metrics of a small shop twice: as OTLP, and as the Prometheus series they should be, written
 * down by hand from the compatibility rules. Times are steps of 15 s up to a given end.
 */
final class Shop {
  static final int STEPS = 41;
  static final long STEP_MS = 15_000;

  private static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);
  private static final String[] INSTANCES = {"a", "b", "c"};
  private static final double[] BOUNDS = {0.005, 0.1, 2.5};

  private final long endMs;
  private final Map<SortedMap<String, String>, SortedMap<Long, Double>> series = new HashMap<>();

  /**
   * @param endMs of the last step
   */
  Shop(long endMs) {
    this.endMs = endMs;
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i < INSTANCES.length; i++) {
        expect(step, i);
      }
    }
  }

  Map<SortedMap<String, String>, SortedMap<Long, Double>> series() {
    return series;
  }

  long timeMs(int step) {
    return endMs - (STEPS - 1 - step) * STEP_MS;
  }

  /** One request per step, each of all instances. */
  List<ExportMetricsServiceRequest> requests() {
    List<ExportMetricsServiceRequest> requests = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
      for (int i = 0; i < INSTANCES.length; i++) {
        request.addResourceMetrics(resourceMetrics(step, i));
      }
      requests.add(request.build());
    }
    return requests;
  }

  /** Restarts once, at a different step for every instance. */
  private static double total(int step, int i, double perStep) {
    int since = step < 20 + i ? step : step - 20 - i;
    return perStep * (since + 1) * (i + 1);
  }

  private static double level(int step, int i) {
    return Math.sin(step / 5.0 + i) * 100;
  }

  /** Buckets, not cumulative, as of a step. */
  private static long bucket(int step, int i, int bucket) {
    return (long) total(step, i, 3 - (bucket == 3 ? 2 : bucket / 2.0) + bucket % 2);
  }

  private void expect(int step, int i) {
    String instance = INSTANCES[i];
    long at = timeMs(step);
    add(at, total(step, i, 7), i, "http_server_requests_total", "http_route", "/cart");
    add(at, total(step, i, 2), i, "http_server_requests_total", "http_route", "/pay");
    add(at, total(step, i, 1.5), i, "cpu_time_seconds_total", "state", "user");
    boolean gone = i == 1 && step >= 30;
    add(at, gone ? STALE : level(step, i), i, "queue_temperature_celsius");
    add(at, level(step, i) / 200 + 0.5, i, "disk_usage_ratio", "key_1st_disk", "sda");
    add(at, level(step, i), i, "jobs", "ki_nd", instance.equals("a") ? "x;y" : "y");
    add(at, step * 1e6 + i, i, "transfer_bytes_per_second");
    long running = 0;
    for (int b = 0; b <= BOUNDS.length; b++) {
      running += bucket(step, i, b);
      String le = b == BOUNDS.length ? "+Inf" : Double.toString(BOUNDS[b]);
      add(at, (double) running, i, "http_server_duration_seconds_bucket", "le", le);
    }
    add(at, (double) running, i, "http_server_duration_seconds_count");
    add(at, running * 0.25, i, "http_server_duration_seconds_sum");
    add(at, 0.1 * step, i, "gc_pause_milliseconds", "quantile", "0.5");
    add(at, 0.9 * step, i, "gc_pause_milliseconds", "quantile", "0.99");
    add(at, step + 1.0, i, "gc_pause_milliseconds_count");
    add(at, step * 3.0, i, "gc_pause_milliseconds_sum");
    add(at, 1, i, "target_info", "deployment_environment_name", "test", "host_name", "h-" + i);
  }

  private void add(long timeMs, double value, int i, String name, String... labels) {
    SortedMap<String, String> key = new TreeMap<>();
    key.put("__name__", name);
    key.put("job", "acme/shop");
    key.put("instance", INSTANCES[i]);
    for (int l = 0; l < labels.length; l += 2) {
      key.put(labels[l], labels[l + 1]);
    }
    series.computeIfAbsent(key, k -> new TreeMap<>()).put(timeMs, value);
  }

  private ResourceMetrics resourceMetrics(int step, int i) {
    long nanos = timeMs(step) * 1_000_000;
    ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
    scope.addMetrics(
        counter(
            "http.server.requests",
            "{request}",
            point(nanos, total(step, i, 7), Otlp.text("http.route", "/cart")),
            point(nanos, total(step, i, 2), Otlp.text("http.route", "/pay"))));
    scope.addMetrics(
        counter("cpu.time", "s", point(nanos, total(step, i, 1.5), Otlp.text("state", "user"))));
    NumberDataPoint.Builder temperature = point(nanos, level(step, i));
    if (i == 1 && step >= 30) {
      temperature = NumberDataPoint.newBuilder().setTimeUnixNano(nanos).setFlags(1);
    }
    scope.addMetrics(gauge("queue.temperature", "Cel", temperature));
    scope.addMetrics(
        gauge(
            "disk.usage",
            "1",
            point(nanos, level(step, i) / 200 + 0.5, Otlp.text("1st-disk", "sda"))));
    NumberDataPoint.Builder jobs = point(nanos, level(step, i));
    jobs.addAttributes(Otlp.text("empty", ""));
    jobs.addAttributes(Otlp.text("ki_nd", "y"));
    if (i == 0) {
      // Two keys that become one label, in the order of the keys.
      jobs.addAttributes(Otlp.text("ki.nd", "x"));
    }
    scope.addMetrics(
        Metric.newBuilder()
            .setName("jobs")
            .setSum(
                Sum.newBuilder()
                    .setAggregationTemporality(
                        AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                    .addDataPoints(jobs)));
    scope.addMetrics(gauge("transfer", "By/s", point(nanos, step * 1e6 + i)));
    scope.addMetrics(duration(nanos, step, i));
    scope.addMetrics(pause(nanos, step));
    return ResourceMetrics.newBuilder().setResource(resource(i)).addScopeMetrics(scope).build();
  }

  private static Resource resource(int i) {
    return Resource.newBuilder()
        .addAttributes(Otlp.text("service.namespace", "acme"))
        .addAttributes(Otlp.text("service.name", "shop"))
        .addAttributes(Otlp.text("service.instance.id", INSTANCES[i]))
        .addAttributes(Otlp.text("deployment.environment.name", "test"))
        .addAttributes(Otlp.text("host.name", "h-" + i))
        .build();
  }

  private static NumberDataPoint.Builder point(long nanos, double value, KeyValue... attributes) {
    return NumberDataPoint.newBuilder()
        .setTimeUnixNano(nanos)
        .setAsDouble(value)
        .addAllAttributes(List.of(attributes));
  }

  private static Metric counter(String name, String unit, NumberDataPoint.Builder... points) {
    Sum.Builder sum =
        Sum.newBuilder()
            .setIsMonotonic(true)
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (NumberDataPoint.Builder point : points) {
      sum.addDataPoints(point);
    }
    return Metric.newBuilder().setName(name).setUnit(unit).setSum(sum).build();
  }

  private static Metric gauge(String name, String unit, NumberDataPoint.Builder point) {
    return Metric.newBuilder()
        .setName(name)
        .setUnit(unit)
        .setGauge(Gauge.newBuilder().addDataPoints(point))
        .build();
  }

  private static Metric duration(long nanos, int step, int i) {
    HistogramDataPoint.Builder point = HistogramDataPoint.newBuilder().setTimeUnixNano(nanos);
    long count = 0;
    for (int b = 0; b <= BOUNDS.length; b++) {
      point.addBucketCounts(bucket(step, i, b));
      count += bucket(step, i, b);
    }
    for (double bound : BOUNDS) {
      point.addExplicitBounds(bound);
    }
    return Metric.newBuilder()
        .setName("http.server.duration")
        .setUnit("s")
        .setHistogram(
            Histogram.newBuilder()
                .setAggregationTemporality(
                    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                .addDataPoints(point.setCount(count).setSum(count * 0.25)))
        .build();
  }

  private static Metric pause(long nanos, int step) {
    return Metric.newBuilder()
        .setName("gc.pause")
        .setUnit("ms")
        .setSummary(
            Summary.newBuilder()
                .addDataPoints(
                    SummaryDataPoint.newBuilder()
                        .setTimeUnixNano(nanos)
                        .setCount(step + 1)
                        .setSum(step * 3.0)
                        .addQuantileValues(quantile(0.5, 0.1 * step))
                        .addQuantileValues(quantile(0.99, 0.9 * step))))
        .build();
  }

  private static SummaryDataPoint.ValueAtQuantile quantile(double quantile, double value) {
    return SummaryDataPoint.ValueAtQuantile.newBuilder()
        .setQuantile(quantile)
        .setValue(value)
        .build();
  }
}
