package dev.tocsin.promql.series;

import java.util.List;

/**
 * What one selector of a query needs.
 *
 * @param matchers all must pass; at least one does not match the empty string
 * @param startMs first millisecond of interest, inclusive (the left-open window's edge plus 1)
 * @param endMs last millisecond of interest, inclusive
 * @param hints what the query will do with the samples; a source may ignore it
 */
public record SelectRequest(
    List<LabelMatcher> matchers, long startMs, long endMs, SelectHints hints) {
  public SelectRequest {
    matchers = List.copyOf(matchers);
  }

  /** Whether a label set passes every matcher. */
  public boolean matches(Labels labels) {
    for (LabelMatcher matcher : matchers) {
      if (!matcher.matches(labels)) {
        return false;
      }
    }
    return true;
  }
}
