package dev.tocsin.promql.engine;

/**
 * How the histograms of a selector are used. Prometheus reads only count and sum below
 * histogram_count and its like, and on that way finds counter resets by itself; the outermost
 * function of either kind decides.
 */
enum Detail {
  /** No such function is around. */
  OPEN,
  /** Only count and sum matter: counter resets are detected while reading. */
  STATS,
  /** Buckets matter too. */
  FULL;

  Detail within(String function) {
    if (this != OPEN) {
      return this;
    }
    return switch (function) {
      case "histogram_count", "histogram_sum", "histogram_avg" -> STATS;
      case "histogram_quantile", "histogram_quantiles", "histogram_fraction" -> FULL;
      default -> OPEN;
    };
  }

  Detail withinSubquery() {
    return this == STATS ? FULL : OPEN;
  }
}
