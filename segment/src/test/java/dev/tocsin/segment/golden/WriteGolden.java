package dev.tocsin.segment.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import dev.tocsin.otlp.prometheus.IdentifyingAttributes;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import dev.tocsin.otlp.prometheus.SeriesNaming;
import dev.tocsin.otlp.prometheus.SeriesSink;
import dev.tocsin.segment.core.Origin;
import dev.tocsin.segment.core.RandomOtlp;
import dev.tocsin.segment.log.EncodedLogs;
import dev.tocsin.segment.log.LogItem;
import dev.tocsin.segment.log.LogSegments;
import dev.tocsin.segment.metric.EncodedMetrics;
import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.MetricBlocks;
import dev.tocsin.segment.metric.MetricPoints;
import dev.tocsin.segment.metric.RawMetrics;
import dev.tocsin.segment.metric.SeriesId;
import dev.tocsin.segment.metric.SeriesSamples;
import dev.tocsin.segment.span.EncodedSpans;
import dev.tocsin.segment.span.SpanItem;
import dev.tocsin.segment.span.SpanSegments;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes the golden blobs of a format that has none yet: once, when the format is made. Run in the
 * module's folder.
 */
final class WriteGolden {
  private static final long START = 1_790_000_000_000_000_000L;

  private WriteGolden() {}

  public static void main(String[] arguments) throws IOException {
    Golden golden = new Golden(SpanSegments.FORMAT);
    if (golden.exists()) {
      throw new IllegalStateException("format " + SpanSegments.FORMAT + " has its blobs already");
    }
    RandomOtlp otlp = new RandomOtlp(42);
    List<Origin> origins = List.of(otlp.origin(), otlp.origin(), otlp.origin());
    writeSpans(golden, otlp, origins);
    writeLogs(golden, otlp, origins);
    writeMetrics(golden);
  }

  private static void writeSpans(Golden golden, RandomOtlp otlp, List<Origin> origins)
      throws IOException {
    List<SpanItem> items = new ArrayList<>();
    List<ByteString> ids = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Span span = otlp.span(ids);
      ids.add(span.getSpanId());
      items.add(new SpanItem(origins.get(i % origins.size()), span));
    }
    EncodedSpans spans = SpanSegments.encode(items);
    golden.write("spans.core", spans.core());
    golden.write("spans.ids", spans.ids());
    golden.write("spans.attrs", spans.attrs());
    golden.write("spans.events", spans.events());
    golden.write("spans.txt", Golden.describe(golden.spans()).getBytes(UTF_8));
  }

  private static void writeLogs(Golden golden, RandomOtlp otlp, List<Origin> origins)
      throws IOException {
    List<LogItem> items = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      LogRecord log = otlp.log();
      long nanos = log.getTimeUnixNano() == 0 ? START + i : log.getTimeUnixNano();
      items.add(new LogItem(origins.get(i % origins.size()), log, nanos));
    }
    EncodedLogs logs = LogSegments.encode(items);
    golden.write("logs.meta", logs.meta());
    golden.write("logs.body", logs.body());
    golden.write("logs.attrs", logs.attrs());
    golden.write("logs.txt", Golden.describe(golden.logs()).getBytes(UTF_8));
  }

  private static void writeMetrics(Golden golden) throws IOException {
    ExportMetricsServiceRequest request = request();
    Map<Long, SeriesSamples> series = new HashMap<>();
    PrometheusSeries.read(
        request,
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {
            of(labels, kind).add(timeMs, value);
          }

          @Override
          public void histogram(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              ExponentialHistogramDataPoint point) {
            of(labels, kind).add(timeMs, Exponential.of(point));
          }

          private SeriesSamples of(SortedMap<String, String> labels, Kind kind) {
            String metric = labels.getOrDefault("__name__", "");
            return series.computeIfAbsent(
                SeriesId.of(labels), id -> new SeriesSamples(id, metric, kind == Kind.DELTA));
          }
        });
    MetricPoints points = new MetricPoints();
    MetricPoints.distribute(
        request, SeriesNaming.of(request, IdentifyingAttributes.DEFAULT), nanos -> points);
    EncodedMetrics metrics = MetricBlocks.encode(series.values());
    byte[] raw = RawMetrics.encode(points, series.values());
    golden.write("metrics.data", metrics.data());
    golden.write("metrics.raw", raw);
    golden.write("metrics.txt", golden.describeMetrics(metrics.data(), raw).getBytes(UTF_8));
  }

  private static ExportMetricsServiceRequest request() {
    ScopeMetrics.Builder scope = ScopeMetrics.newBuilder();
    for (int i = 0; i < 5; i++) {
      long time = START + i * 15_000_000_123L;
      NumberDataPoint.Builder number =
          NumberDataPoint.newBuilder()
              .setTimeUnixNano(time)
              .setStartTimeUnixNano(START - 1)
              .addAttributes(attribute("host", "h" + i % 2));
      scope.addMetrics(
          Metric.newBuilder()
              .setName("temperature")
              .setUnit("Cel")
              .setDescription("How warm it is")
              .setGauge(Gauge.newBuilder().addDataPoints(number.clone().setAsDouble(20.5 + i))));
      scope.addMetrics(
          Metric.newBuilder()
              .setName("requests")
              .setSum(
                  Sum.newBuilder()
                      .setIsMonotonic(true)
                      .setAggregationTemporality(
                          AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                      .addDataPoints(
                          number
                              .clone()
                              .setAsInt(10L * i)
                              .addExemplars(
                                  Exemplar.newBuilder().setTimeUnixNano(time).setAsInt(i)))));
      scope.addMetrics(
          Metric.newBuilder()
              .setName("latency")
              .setHistogram(
                  Histogram.newBuilder()
                      .setAggregationTemporality(
                          AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                      .addDataPoints(
                          HistogramDataPoint.newBuilder()
                              .setTimeUnixNano(time)
                              .setCount(3L * i)
                              .setSum(1.5 * i)
                              .setMin(0.1)
                              .setMax(2.5)
                              .addExplicitBounds(0.5)
                              .addExplicitBounds(1)
                              .addBucketCounts(i)
                              .addBucketCounts(i)
                              .addBucketCounts(i))));
      scope.addMetrics(
          Metric.newBuilder()
              .setName("size")
              .setExponentialHistogram(
                  ExponentialHistogram.newBuilder()
                      .setAggregationTemporality(
                          AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                      .addDataPoints(
                          ExponentialHistogramDataPoint.newBuilder()
                              .setTimeUnixNano(time)
                              .setScale(2)
                              .setCount(7L + i)
                              .setSum(40)
                              .setZeroCount(1)
                              .setPositive(
                                  ExponentialHistogramDataPoint.Buckets.newBuilder()
                                      .setOffset(-3)
                                      .addBucketCounts(2)
                                      .addBucketCounts(4L + i)))));
    }
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(ResourceMetrics.newBuilder().addScopeMetrics(scope))
        .build();
  }

  private static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }
}
