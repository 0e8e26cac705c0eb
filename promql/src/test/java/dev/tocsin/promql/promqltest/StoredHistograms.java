package dev.tocsin.promql.promqltest;

import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.series.InMemorySeriesSource;
import dev.tocsin.promql.series.Labels;
import java.util.HashMap;
import java.util.Map;

/**
 * Appends histograms with the counter reset hints that Prometheus's storage gives them back with: a
 * counter that goes on is NOT_RESET, the first one and one after a reset are UNKNOWN.
 */
final class StoredHistograms {
  private final InMemorySeriesSource source;
  private final Map<Labels, Histogram> last = new HashMap<>();

  StoredHistograms(InMemorySeriesSource source) {
    this.source = source;
  }

  void clear() {
    last.clear();
  }

  void append(Labels labels, long timeMs, Histogram histogram) {
    Histogram previous = last.put(labels, histogram);
    if (histogram.hint() == CounterResetHint.GAUGE) {
      source.append(labels, timeMs, histogram);
      return;
    }
    boolean goesOn =
        previous != null
            && previous.hint() != CounterResetHint.GAUGE
            && previous.schema() == histogram.schema()
            && !histogram.resetSince(previous);
    source.append(
        labels,
        timeMs,
        histogram.withHint(goesOn ? CounterResetHint.NOT_RESET : CounterResetHint.UNKNOWN));
  }
}
