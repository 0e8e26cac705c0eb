package dev.tocsin.storage.consume;

import dev.tocsin.storage.segment.Exponential;
import dev.tocsin.storage.segment.SeriesSamples;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deltas summed up to totals, series by series, in the order of their offsets: the same records
 * from the same state give the same totals. A delta that is not newer than the last one counts too;
 * its total takes the last one's time. Used by one thread.
 */
final class Totals {
  private static final long FORGET_AFTER_MS = Duration.ofDays(1).toMillis();

  private static final class Total {
    double value;
    @Nullable Exponential histogram;
    long timeMs;
  }

  private final Map<Long, Total> totals = new HashMap<>();
  private long newestMs;

  Totals(Collection<SeriesSamples> restored) {
    for (SeriesSamples series : restored) {
      int last = series.lastRecorded();
      if (last < 0) {
        continue;
      }
      Total total = new Total();
      total.histogram = series.histogram(last);
      total.value = total.histogram == null ? series.value(last) : 0;
      total.timeMs = series.timeMs(last);
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

  /** Adds a histogram of deltas likewise. */
  void add(long seriesId, long timeMs, Exponential delta, HistogramSample sample) {
    Total total = totals.computeIfAbsent(seriesId, id -> new Total());
    Exponential before = total.histogram;
    Exponential after = before == null ? delta : before.plus(delta);
    total.histogram = after;
    total.timeMs = Math.max(total.timeMs, timeMs);
    newestMs = Math.max(newestMs, total.timeMs);
    sample.at(total.timeMs, after);
  }

  /** A total and its time. */
  interface Sample {
    void at(long timeMs, double value);
  }

  /** A total of histograms and its time. */
  interface HistogramSample {
    void at(long timeMs, Exponential value);
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
              Total total = entry.getValue();
              Exponential histogram = total.histogram;
              if (histogram == null) {
                series.add(total.timeMs, total.value);
              } else {
                series.add(total.timeMs, histogram);
              }
              return series;
            })
        .toList();
  }
}
