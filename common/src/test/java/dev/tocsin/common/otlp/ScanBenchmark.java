package dev.tocsin.common.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What scanning costs: CPU seconds of one thread per million items, without and with the split over
 * eight partitions. Arguments: seconds per case (default 4). A program, not a test.
 */
final class ScanBenchmark {
  private static final int BATCHES = 16;
  private static final int ITEMS = 512;
  private static final int ROUNDS = 3;

  private final Random random = new Random(1);

  private ScanBenchmark() {}

  private record Case(Signal signal, List<byte[]> batches) {}

  public static void main(String[] args) {
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 4;
    Map<String, Case> cases = new ScanBenchmark().cases();
    System.out.printf(
        "%-24s %8s %14s %20s%n", "", "B/item", "scan cpu-s/M", "scan + split cpu-s/M");
    cases.forEach(
        (name, work) ->
            System.out.printf(
                "%-24s %8d %14.4f %20.4f%n",
                name,
                work.batches().stream().mapToLong(b -> b.length).sum() / BATCHES / ITEMS,
                measure(work, 0, seconds),
                measure(work, 8, seconds)));
  }

  /** The best of some rounds, so that warming up and neighbours count least. */
  private static double measure(Case work, int partitions, double seconds) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      best = Math.min(best, once(work, partitions, seconds / ROUNDS));
    }
    return best;
  }

  private static double once(Case work, int partitions, double seconds) {
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    long end = start + (long) (seconds * 1e9);
    long items = 0;
    while (threads.getCurrentThreadCpuTime() < end) {
      for (byte[] batch : work.batches()) {
        OtlpRequest request = OtlpScanner.scan(work.signal(), batch);
        items += ITEMS;
        if (request.items() != ITEMS || !request.rejected().isEmpty()) {
          throw new IllegalStateException("items: " + request.items());
        }
        if (partitions > 0
            && OtlpSplitter.split(request, partitions, 16 << 20).accepted() != ITEMS) {
          throw new IllegalStateException("items are missing");
        }
      }
    }
    return (threads.getCurrentThreadCpuTime() - start) / 1e9 / (items / 1e6);
  }

  private Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("spans", new Case(Signal.TRACES, batches(this::traces)));
    cases.put("log records", new Case(Signal.LOGS, batches(this::logs)));
    cases.put("gauge points", new Case(Signal.METRICS, batches(() -> metrics(this::gauge))));
    cases.put("histogram points", new Case(Signal.METRICS, batches(() -> metrics(this::buckets))));
    cases.put(
        "exponential histograms",
        new Case(Signal.METRICS, batches(() -> metrics(this::exponents))));
    return cases;
  }

  private static List<byte[]> batches(java.util.function.Supplier<Message> requests) {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(requests.get().toByteArray());
    }
    return batches;
  }

  private Message traces() {
    var request = ExportTraceServiceRequest.newBuilder();
    var spans = request.addResourceSpansBuilder();
    spans.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = spans.addScopeSpansBuilder();
    for (int i = 0; i < ITEMS; i++) {
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(bytes(16))
              .setSpanId(bytes(8))
              .setParentSpanId(bytes(8))
              .setName("GET /api/v1/orders")
              .setStartTimeUnixNano(random.nextLong())
              .setEndTimeUnixNano(random.nextLong())
              .addAllAttributes(attributes(10)));
    }
    return request.build();
  }

  private Message logs() {
    var request = ExportLogsServiceRequest.newBuilder();
    var logs = request.addResourceLogsBuilder();
    logs.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = logs.addScopeLogsBuilder();
    for (int i = 0; i < ITEMS; i++) {
      scope.addLogRecords(
          LogRecord.newBuilder()
              .setTimeUnixNano(random.nextLong())
              .setTraceId(bytes(16))
              .setBody(AnyValue.newBuilder().setStringValue("a message of usual length ".repeat(4)))
              .addAllAttributes(attributes(4)));
    }
    return request.build();
  }

  private Message metrics(java.util.function.Supplier<Metric> metric) {
    var request = ExportMetricsServiceRequest.newBuilder();
    var metrics = request.addResourceMetricsBuilder();
    metrics.getResourceBuilder().addAllAttributes(attributes(6));
    var scope = metrics.addScopeMetricsBuilder();
    for (int i = 0; i < ITEMS / 8; i++) {
      scope.addMetrics(metric.get());
    }
    return request.build();
  }

  private Metric gauge() {
    var gauge = Gauge.newBuilder();
    for (int i = 0; i < 8; i++) {
      gauge.addDataPoints(
          NumberDataPoint.newBuilder()
              .setTimeUnixNano(1)
              .setAsDouble(random.nextDouble())
              .addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("process.cpu.utilization").setGauge(gauge).build();
  }

  private Metric buckets() {
    var histogram =
        Histogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (int i = 0; i < 8; i++) {
      var point = HistogramDataPoint.newBuilder().setTimeUnixNano(1).setCount(9).setSum(1);
      for (int bound = 0; bound < 14; bound++) {
        point.addExplicitBounds(bound * 0.25).addBucketCounts(random.nextInt(1_000));
      }
      histogram.addDataPoints(point.addBucketCounts(7).addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("http.server.duration").setHistogram(histogram).build();
  }

  private Metric exponents() {
    var histogram =
        ExponentialHistogram.newBuilder()
            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
    for (int i = 0; i < 8; i++) {
      var point =
          ExponentialHistogramDataPoint.newBuilder().setTimeUnixNano(1).setCount(9).setScale(5);
      var buckets = point.getPositiveBuilder().setOffset(-20);
      for (int bucket = 0; bucket < 60; bucket++) {
        buckets.addBucketCounts(random.nextInt(1_000));
      }
      histogram.addDataPoints(point.addAllAttributes(attributes(4)));
    }
    return Metric.newBuilder().setName("rpc.duration").setExponentialHistogram(histogram).build();
  }

  private List<KeyValue> attributes(int count) {
    KeyValue[] attributes = new KeyValue[count];
    Arrays.setAll(
        attributes,
        i -> RandomOtlp.attribute("attribute.number." + i, "value-" + random.nextInt(1_000_000)));
    return List.of(attributes);
  }

  private ByteString bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    bytes[0] = 1;
    return ByteString.copyFrom(bytes);
  }
}
