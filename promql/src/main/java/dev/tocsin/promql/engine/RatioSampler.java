package dev.tocsin.promql.engine;

import dev.tocsin.promql.Labels;

/**
 * Picks a share of all label sets by hash: a ratio r and its complement r - 1 split them without
 * overlap.
 */
final class RatioSampler {
  private static final double RANGE = Math.pow(2, 64);

  private RatioSampler() {}

  static boolean keeps(double ratio, Labels labels) {
    long hash = labels.stableHash();
    double unsigned = hash >= 0 ? hash : hash + RANGE;
    double share = unsigned / RANGE;
    return ratio >= 0 ? share < ratio : share >= 1 + ratio;
  }
}
