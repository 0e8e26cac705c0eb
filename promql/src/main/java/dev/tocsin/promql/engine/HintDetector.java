package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Fills in unknown counter reset hints from the histogram before. One per series. */
final class HintDetector {
  private @Nullable Histogram previous;

  Histogram hinted(Histogram histogram) {
    Histogram before = previous;
    previous = histogram;
    if (before == null || histogram.hint() != CounterResetHint.UNKNOWN) {
      return histogram;
    }
    return histogram.withHint(
        histogram.resetSince(before) ? CounterResetHint.RESET : CounterResetHint.NOT_RESET);
  }
}
