package dev.tocsin.storage.consume;

import dev.tocsin.storage.segment.SeriesSamples;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Deltas summed up to totals, series by series, in the order of their offsets: the same records
 * from the same state give the same totals. A delta that is not newer than the last one counts too;
 * its total takes the last one's time. Used by one thread.
 */
final class Totals {
  private static final long FORGET_AFTER_MS = Duration.ofDays(1).toMillis();

  private static final class Total {
    double value;
    long timeMs;
  }

  private final Map<Long, Total> totals = new HashMap<>();
  private long newestMs;

  Totals(Collection<SeriesSamples> restored) {
    for (SeriesSamples series : restored) {
      Total total = new Total();
      total.value = series.value(series.size() - 1);
      total.timeMs = series.timeMs(series.size() - 1);
      totals.put(series.id(), total);
      newestMs = Math.max(newestMs, total.timeMs);
    }
  }

  /** Adds a delta and hands the new total on. */
  void add(long seriesId, long timeMs, double delta, Sample sample) {
    Total total = totals.computeIfAbsent(seriesId, id -> new Total());
    total.value += delta;
    total.timeMs = Math.max(total.timeMs, timeMs);
    newestMs = Math.max(newestMs, total.timeMs);
    sample.at(total.timeMs, total.value);
  }

  /** A total and its time. */
  interface Sample {
    void at(long timeMs, double value);
  }

  int size() {
    return totals.size();
  }

  /** Every total as a series of one sample, without those silent for a day, which are forgotten. */
  List<SeriesSamples> snapshot() {
    totals.values().removeIf(total -> total.timeMs < newestMs - FORGET_AFTER_MS);
    return totals.entrySet().stream()
        .map(
            entry -> {
              SeriesSamples series = new SeriesSamples(entry.getKey(), "", true);
              series.add(entry.getValue().timeMs, entry.getValue().value);
              return series;
            })
        .toList();
  }
}
