package dev.tocsin.promql.series;

import dev.tocsin.promql.histogram.Histogram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Series in memory. Any number of threads may read while others append; a query sees each series as
 * it was when its cursor was opened.
 */
public final class InMemorySeriesSource implements SeriesSource {
  /** Series by metric name, so that the usual selector looks at its metric only. */
  private final Map<String, ConcurrentSkipListMap<Labels, MemorySeries>> byName =
      new ConcurrentHashMap<>();

  /** Adds a float. A sample of the same time is replaced; earlier ones are put in their place. */
  public void append(Labels labels, long timestampMs, double value) {
    series(labels).append(timestampMs, value, null);
  }

  /** Adds a native histogram, as {@link #append(Labels, long, double)} adds a float. */
  public void append(Labels labels, long timestampMs, Histogram histogram) {
    series(labels).append(timestampMs, 0, histogram);
  }

  private MemorySeries series(Labels labels) {
    return byName
        .computeIfAbsent(labels.metricName(), name -> new ConcurrentSkipListMap<>())
        .computeIfAbsent(labels, key -> new MemorySeries());
  }

  /**
   * Forgets samples before a time, and series that have none left. Not to be called while others
   * append.
   */
  public void dropBefore(long timestampMs) {
    for (ConcurrentSkipListMap<Labels, MemorySeries> metric : byName.values()) {
      metric.values().removeIf(series -> !series.dropBefore(timestampMs));
    }
    byName.values().removeIf(ConcurrentSkipListMap::isEmpty);
  }

  /** Forgets everything. */
  public void clear() {
    byName.clear();
  }

  /** How many series there are. */
  public int seriesCount() {
    int count = 0;
    for (ConcurrentSkipListMap<Labels, MemorySeries> metric : byName.values()) {
      count += metric.size();
    }
    return count;
  }

  @Override
  public SeriesSet select(SelectRequest request) {
    List<Map.Entry<Labels, MemorySeries>> found = new ArrayList<>();
    String name = exactName(request);
    if (name != null) {
      ConcurrentSkipListMap<Labels, MemorySeries> metric = byName.get(name);
      if (metric != null) {
        collect(metric, request, found);
      }
    } else {
      byName.values().forEach(metric -> collect(metric, request, found));
      found.sort(Map.Entry.comparingByKey());
    }
    return new MemorySeriesSet(found, request.startMs(), request.endMs());
  }

  private static void collect(
      Map<Labels, MemorySeries> metric,
      SelectRequest request,
      List<Map.Entry<Labels, MemorySeries>> into) {
    for (Map.Entry<Labels, MemorySeries> series : metric.entrySet()) {
      if (request.matches(series.getKey())) {
        into.add(series);
      }
    }
  }

  private static @Nullable String exactName(SelectRequest request) {
    for (LabelMatcher matcher : request.matchers()) {
      if (matcher.name().equals(Labels.METRIC_NAME) && matcher.op() == LabelMatcher.Op.EQ) {
        return matcher.value();
      }
    }
    return null;
  }
}
