package dev.tocsin.storage.postgres;

import dev.tocsin.common.otlp.PrometheusSeries;
import dev.tocsin.common.otlp.SeriesSink;
import dev.tocsin.promql.Labels;
import dev.tocsin.promql.SelectRequest;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.storage.segment.RawMetrics;
import dev.tocsin.storage.segment.SeriesId;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Finds the native histograms of a query among metrics that are kept as they came. */
final class HistogramCollector implements SeriesSink {
  private final Map<Long, Labels> wanted;
  private final SelectRequest request;
  private final List<Found> found = new ArrayList<>();

  /** A sample. */
  record Found(Labels labels, long timeMs, Histogram histogram) {}

  private HistogramCollector(Map<Long, Labels> wanted, SelectRequest request) {
    this.wanted = wanted;
    this.request = request;
  }

  /**
   * @param raw as {@link RawMetrics} has it
   * @param wanted series by id
   */
  static List<Found> collect(byte[] raw, Map<Long, Labels> wanted, SelectRequest request) {
    if (raw.length == 0) {
      return List.of();
    }
    HistogramCollector collector = new HistogramCollector(wanted, request);
    PrometheusSeries.read(RawMetrics.decode(raw), collector);
    return collector.found;
  }

  @Override
  public void sample(
      SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value) {}

  @Override
  public void histogram(
      SortedMap<String, String> labels,
      Kind kind,
      long timeMs,
      long startMs,
      ExponentialHistogramDataPoint point) {
    if (kind != Kind.CUMULATIVE || timeMs < request.startMs() || timeMs > request.endMs()) {
      return;
    }
    Labels known = wanted.get(SeriesId.of(labels));
    Histogram histogram = known == null ? null : NativeHistograms.of(point);
    if (known != null && histogram != null) {
      found.add(new Found(known, timeMs, histogram));
    }
  }
}
