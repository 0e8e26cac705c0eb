package dev.tocsin.storage.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tocsin.common.otlp.PrometheusSeries;
import dev.tocsin.common.otlp.SeriesSink;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.ObjLongConsumer;

/**
 * Metrics as they came, beside the block of their samples: those that hold what no float series can
 * show (exponential histograms, exemplars, least and greatest values), or all of them. One section,
 * {@code requests}: an {@code ExportMetricsServiceRequest}.
 */
public final class RawMetrics {
  private RawMetrics() {}

  /** Whether float series lose something of the metric that is asked for by name in PromQL. */
  public static boolean isNeeded(Metric metric) {
    return switch (metric.getDataCase()) {
      case GAUGE -> metric.getGauge().getDataPointsList().stream().anyMatch(RawMetrics::isNeeded);
      case SUM -> metric.getSum().getDataPointsList().stream().anyMatch(RawMetrics::isNeeded);
      case HISTOGRAM ->
          metric.getHistogram().getDataPointsList().stream().anyMatch(RawMetrics::isNeeded);
      case EXPONENTIAL_HISTOGRAM -> true;
      case SUMMARY, DATA_NOT_SET -> false;
    };
  }

  private static boolean isNeeded(NumberDataPoint point) {
    return point.getExemplarsCount() > 0;
  }

  private static boolean isNeeded(HistogramDataPoint point) {
    return point.getExemplarsCount() > 0 || point.hasMin() || point.hasMax();
  }

  /** The metric alone, with its resource and scope. */
  public static ByteString bytes(ResourceMetrics resource, ScopeMetrics scope, Metric metric) {
    return ExportMetricsServiceRequest.newBuilder()
        .addResourceMetrics(
            resource.toBuilder()
                .clearScopeMetrics()
                .addScopeMetrics(scope.toBuilder().clearMetrics().addMetrics(metric)))
        .build()
        .toByteString();
  }

  /**
   * @param requests serialized; none gives an empty array
   */
  public static byte[] encode(List<ByteString> requests) {
    if (requests.isEmpty()) {
      return new byte[0];
    }
    // Protobuf messages of one type are merged by being written one after another.
    ColumnWriter all = new ColumnWriter();
    requests.forEach(all::raw);
    Sections.Writer sections = new Sections.Writer();
    sections.add("requests", all);
    return sections.toBytes();
  }

  /**
   * The metrics of several blocks by name, each with its resource and scope.
   *
   * @param raws as {@link #encode} made them
   */
  public static SortedMap<String, List<ByteString>> byName(List<byte[]> raws) {
    SortedMap<String, List<ByteString>> all = new TreeMap<>();
    for (byte[] raw : raws) {
      for (ResourceMetrics resource : decode(raw).getResourceMetricsList()) {
        for (ScopeMetrics scope : resource.getScopeMetricsList()) {
          for (Metric metric : scope.getMetricsList()) {
            all.computeIfAbsent(metric.getName(), name -> new ArrayList<>())
                .add(bytes(resource, scope, metric));
          }
        }
      }
    }
    return all;
  }

  /** The metric names of the series that PromQL sees of requests. */
  public static Set<String> seriesNames(List<ByteString> requests) {
    Set<String> names = new TreeSet<>();
    PrometheusSeries.read(
        decode(encode(requests)),
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {
            names.add(labels.getOrDefault("__name__", ""));
          }

          @Override
          public void histogram(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              ExponentialHistogramDataPoint point) {
            names.add(labels.getOrDefault("__name__", ""));
          }
        });
    return names;
  }

  /** Passes on every exemplar of the series wanted, by the id of its series. */
  public static void exemplars(byte[] raw, LongPredicate wanted, ObjLongConsumer<Exemplar> found) {
    PrometheusSeries.read(
        decode(raw),
        new SeriesSink() {
          @Override
          public void sample(
              SortedMap<String, String> labels,
              Kind kind,
              long timeMs,
              long startMs,
              double value) {}

          @Override
          public void exemplar(SortedMap<String, String> labels, Exemplar exemplar) {
            long id = SeriesId.of(labels);
            if (wanted.test(id)) {
              found.accept(exemplar, id);
            }
          }
        });
  }

  /**
   * @param raw as {@link #encode} made it
   * @throws SegmentFormatException when it is something else
   */
  public static ExportMetricsServiceRequest decode(byte[] raw) {
    if (raw.length == 0) {
      return ExportMetricsServiceRequest.getDefaultInstance();
    }
    ColumnReader in = new Sections.Reader(raw).section("requests");
    try {
      return ExportMetricsServiceRequest.parseFrom(in.raw(in.remaining()));
    } catch (InvalidProtocolBufferException e) {
      throw new SegmentFormatException("stored metrics: " + e.getMessage(), e);
    }
  }
}
