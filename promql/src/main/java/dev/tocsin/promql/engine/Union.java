package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.series.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The vectors of a chain of {@code or}: of each further one the points whose labels match none that
 * is there at their step.
 */
final class Union {
  private final VectorMatching matching;
  private final MatchKey key;
  private final int steps;
  private final boolean mayRepeatLabels;
  private final Map<Labels, boolean[]> present = new HashMap<>();

  /** Where labels may repeat, every series; else the series by their labels. */
  private final List<StepSeries> all = new ArrayList<>();

  private final Map<Labels, StepSeries> byLabels = new LinkedHashMap<>();

  Union(Evaluator evaluator, VectorMatching matching, List<StepSeries> first) {
    this.matching = matching;
    this.key = new MatchKey(matching);
    this.steps = evaluator.steps.count();
    this.mayRepeatLabels = evaluator.state.delayedNameRemoval();
    first.forEach(this::add);
  }

  VectorMatching matching() {
    return matching;
  }

  Union plus(List<StepSeries> more) {
    List<StepSeries> kept = new ArrayList<>();
    for (StepSeries series : more) {
      StepSeries rest = SetOperation.filtered(series, present.get(key.of(series.labels)), false);
      if (!rest.isEmpty()) {
        kept.add(rest);
      }
    }
    // Not before all are looked at: those of one vector do not hide each other.
    kept.forEach(this::add);
    return this;
  }

  private void add(StepSeries series) {
    boolean[] there = present.computeIfAbsent(key.of(series.labels), labels -> new boolean[steps]);
    for (int i = 0; i < steps; i++) {
      there[i] |= series.has(i);
    }
    if (mayRepeatLabels) {
      all.add(series);
    } else {
      byLabels.merge(series.labels, series, SeriesMerge::joined);
    }
  }

  List<StepSeries> series() {
    return mayRepeatLabels ? all : new ArrayList<>(byLabels.values());
  }
}
