package dev.tocsin.otlp.prometheus;

import dev.tocsin.otlp.wire.LabelLimit;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.SortedMap;

/**
 * Counts the labels of the very series that {@link PrometheusSeries} makes of a point. Those of a
 * scope are not counted: whether they are needed the other points of a request decide.
 */
public record SeriesLabelLimit(int charsMax, int nameCharsMax, IdentifyingAttributes identifying)
    implements LabelLimit {

  @Override
  public boolean identifies(String key) {
    return PrometheusSeries.isIdentity(key) || identifying.has(key);
  }

  @Override
  public Resource identity(Resource resource) {
    Resource.Builder identity = Resource.newBuilder();
    resource.getAttributesList().stream()
        .filter(attribute -> identifies(attribute.getKey()))
        .forEach(identity::addAttributes);
    return identity.build();
  }

  @Override
  public boolean fits(Resource identity, Metric onePoint) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    request
        .addResourceMetricsBuilder()
        .setResource(identity)
        .addScopeMetricsBuilder()
        .addMetrics(onePoint);
    Count count = new Count();
    ExportMetricsServiceRequest built = request.build();
    PrometheusSeries.read(built, SeriesNaming.of(built, identifying), count);
    return count.fits;
  }

  private final class Count implements SeriesSink {
    private boolean fits = true;

    @Override
    public void sample(
        SortedMap<String, String> labels, Kind kind, long timeMs, long startMs, double value) {
      count(labels);
    }

    @Override
    public void histogram(
        SortedMap<String, String> labels,
        Kind kind,
        long timeMs,
        long startMs,
        ExponentialHistogramDataPoint point) {
      count(labels);
    }

    @Override
    public void outsized(String metric, long timeMs, int samples) {
      fits = false;
    }

    private void count(SortedMap<String, String> labels) {
      long chars = 0;
      for (var label : labels.entrySet()) {
        chars += label.getKey().length() + label.getValue().length();
      }
      fits &= chars <= charsMax && labels.getOrDefault("__name__", "").length() <= nameCharsMax;
    }
  }
}
