package dev.tocsin.promql.series;

import java.util.List;

/**
 * What a query will do with the selected samples, for sources that can push work down.
 *
 * @param stepMs resolution of the query, 0 for an instant query
 * @param rangeMs length of the range selector, 0 for an instant selector
 * @param function innermost function or aggregator around the selector, empty when none
 * @param grouping labels of the innermost aggregation
 * @param by whether {@code grouping} is kept ({@code by}) rather than dropped ({@code without})
 * @param limit at most this many series are wanted, 0 for all
 */
public record SelectHints(
    long stepMs, long rangeMs, String function, List<String> grouping, boolean by, int limit) {
  /** Nothing is known. */
  public static final SelectHints NONE = new SelectHints(0, 0, "", List.of(), false, 0);

  public SelectHints {
    grouping = List.copyOf(grouping);
  }
}
