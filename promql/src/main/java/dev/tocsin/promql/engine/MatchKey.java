package dev.tocsin.promql.engine;

import dev.tocsin.promql.ast.VectorMatching;
import dev.tocsin.promql.series.Labels;

/** The labels by which the series of two vectors find each other. */
final class MatchKey {
  private final VectorMatching matching;

  MatchKey(VectorMatching matching) {
    this.matching = matching;
  }

  Labels of(Labels labels) {
    if (matching.on()) {
      return matching.labels().isEmpty() ? Labels.empty() : labels.keeping(matching.labels());
    }
    return (matching.labels().isEmpty() ? labels : labels.without(matching.labels())).withoutName();
  }
}
