package dev.tocsin.promql.parse;

/**
 * What the parser accepts.
 *
 * @param experimentalFunctions functions and aggregators Prometheus keeps behind a feature flag
 * @param durationExpressions arithmetic in ranges and offsets
 * @param extendedRangeSelectors {@code anchored} and {@code smoothed}
 * @param fillModifiers {@code fill}, {@code fill_left} and {@code fill_right}
 * @param queryLengthMax longest query, UTF-16 units
 * @param depthMax deepest nesting of parentheses, calls and signs; a chain of operators is no
 *     nesting and may be as long as the query
 */
public record ParserOptions(
    boolean experimentalFunctions,
    boolean durationExpressions,
    boolean extendedRangeSelectors,
    boolean fillModifiers,
    int queryLengthMax,
    int depthMax) {
  /** What Prometheus accepts without feature flags. */
  public static final ParserOptions STANDARD =
      new ParserOptions(false, false, false, false, 1_000_000, 200);

  /** Everything, as with all of Prometheus's feature flags. */
  public static final ParserOptions EXPERIMENTAL =
      new ParserOptions(true, true, true, true, 1_000_000, 200);
}
