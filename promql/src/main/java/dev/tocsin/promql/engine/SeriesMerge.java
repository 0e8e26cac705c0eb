package dev.tocsin.promql.engine;

import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.text.PromqlException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Joins series of equal labels that have no step in common. */
final class SeriesMerge {
  private SeriesMerge() {}

  static List<StepSeries> merged(List<StepSeries> series) {
    if (series.size() < 2) {
      return series;
    }
    Map<Labels, StepSeries> byLabels = new LinkedHashMap<>(series.size() * 2);
    for (StepSeries next : series) {
      StepSeries known = byLabels.get(next.labels);
      byLabels.put(next.labels, known == null ? next : joined(known, next));
    }
    return byLabels.size() == series.size() ? series : new ArrayList<>(byLabels.values());
  }

  static StepSeries joined(StepSeries first, StepSeries second) {
    StepSeries joined =
        new StepSeries(
            first.labels,
            first.dropName,
            first.values.clone(),
            first.histograms == null ? null : first.histograms.clone());
    for (int i = 0; i < second.values.length; i++) {
      if (second.has(i)) {
        if (joined.has(i)) {
          throw PromqlException.execution("vector cannot contain metrics with the same labelset");
        }
        joined.copy(i, second);
      }
    }
    return joined;
  }

  /** Drops the names marked for it and joins what then has equal labels. */
  static List<StepSeries> cleaned(List<StepSeries> series) {
    List<StepSeries> cleaned = new ArrayList<>(series.size());
    boolean changed = false;
    for (StepSeries next : series) {
      Labels labels = next.dropName ? next.labels.withoutName() : next.labels;
      changed |= !labels.equals(next.labels);
      cleaned.add(next.relabelled(labels, false));
    }
    return changed ? merged(cleaned) : cleaned;
  }
}
