package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.histogram.Buckets;
import dev.tocsin.promql.histogram.CustomBounds;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.parse.SeriesNotation;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.Numbers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns classic histogram series of a load into native histograms with custom buckets, beside the
 * originals.
 */
final class ClassicConversion {
  private static final class Parts {
    final TreeMap<Double, Double> buckets = new TreeMap<>();
    @Nullable Double count;
    @Nullable Double sum;
  }

  private ClassicConversion() {}

  static void load(Script.Load load, StoredHistograms hints) {
    Map<Labels, TreeMap<Long, Parts>> all = new LinkedHashMap<>();
    for (SeriesNotation.Line line : load.series()) {
      String name = line.labels().metricName();
      String suffix =
          name.endsWith("_bucket") ? "_bucket" : name.endsWith("_count") ? "_count" : "_sum";
      if (!name.endsWith(suffix)) {
        continue;
      }
      Double bound = Numbers.parse(line.labels().getOrEmpty("le"));
      if (suffix.equals("_bucket") && bound == null) {
        continue;
      }
      Labels labels =
          line.labels()
              .without("le")
              .with(Labels.METRIC_NAME, name.substring(0, name.length() - suffix.length()));
      TreeMap<Long, Parts> series = all.computeIfAbsent(labels, k -> new TreeMap<>());
      collect(line, suffix, bound, load.stepMs(), series);
    }
    all.forEach(
        (labels, series) ->
            series.forEach(
                (time, parts) -> {
                  Histogram histogram = histogram(parts);
                  if (histogram != null) {
                    hints.append(labels, time, histogram);
                  }
                }));
  }

  private static void collect(
      SeriesNotation.Line line,
      String suffix,
      @Nullable Double bound,
      long stepMs,
      Map<Long, Parts> series) {
    long time = -stepMs;
    for (SeriesNotation.Point point : line.points()) {
      time += stepMs;
      if (point.omitted()) {
        continue;
      }
      Parts parts = series.computeIfAbsent(time, k -> new Parts());
      if (suffix.equals("_bucket") && bound != null) {
        parts.buckets.put(bound, point.value());
      } else if (suffix.equals("_count")) {
        parts.count = point.value();
      } else {
        parts.sum = point.value();
      }
    }
  }

  private static @Nullable Histogram histogram(Parts parts) {
    if (parts.buckets.isEmpty()) {
      return null;
    }
    double total = parts.count == null ? parts.buckets.lastEntry().getValue() : parts.count;
    double[] bounds =
        parts.buckets.keySet().stream()
            .filter(b -> !Double.isInfinite(b))
            .mapToDouble(b -> b)
            .toArray();
    double[] counts = new double[bounds.length + 1];
    double previous = 0;
    for (int i = 0; i < bounds.length; i++) {
      double cumulative = parts.buckets.getOrDefault(bounds[i], 0.0);
      counts[i] = cumulative - previous;
      previous = cumulative;
    }
    counts[bounds.length] = total - previous;
    return Histogram.builder()
        .bounds(CustomBounds.of(bounds))
        .count(total)
        .sum(parts.sum == null ? 0 : parts.sum)
        .positive(Buckets.dense(0, counts))
        .build();
  }
}
