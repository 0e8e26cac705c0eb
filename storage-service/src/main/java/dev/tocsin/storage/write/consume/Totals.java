package dev.tocsin.storage.write.consume;

import dev.tocsin.segment.metric.Exponential;
import dev.tocsin.segment.metric.SeriesSamples;
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

  /** Buckets that take as much memory as a total without any. */
  private static final int BUCKETS_A_SERIES = 12;

  private static final class Total {
    double value;
    @Nullable Exponential histogram;
    long timeMs;

    int weight() {
      Exponential buckets = histogram;
      return buckets == null
          ? 1
          : 1
              + (buckets.positive().counts().length + buckets.negative().counts().length)
                  / BUCKETS_A_SERIES;
    }
  }

  private final Map<Long, Total> totals = new HashMap<>();
  private final int weightMax;
  private int weight;
  private long newestMs;

  /**
   * @param weightMax series without buckets at which no further series is admitted
   */
  Totals(Collection<SeriesSamples> restored, int weightMax) {
    this.weightMax = weightMax;
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
      weight += total.weight();
      newestMs = Math.max(newestMs, total.timeMs);
    }
  }

  /** Whether there is room for the series; what has a total already has it. */
  boolean admits(long seriesId) {
    return weight < weightMax || totals.containsKey(seriesId);
  }

  private Total total(long seriesId) {
    Total known = totals.get(seriesId);
    if (known != null) {
      return known;
    }
    Total total = new Total();
    totals.put(seriesId, total);
    weight += total.weight();
    return total;
  }

  /** Adds a delta and hands the new total on. */
  void add(long seriesId, long timeMs, double delta, Sample sample) {
    Total total = total(seriesId);
    total.value += delta;
    total.timeMs = Math.max(total.timeMs, timeMs);
    newestMs = Math.max(newestMs, total.timeMs);
    sample.at(total.timeMs, total.value);
  }

  /** Adds a histogram of deltas likewise. */
  void add(long seriesId, long timeMs, Exponential delta, HistogramSample sample) {
    Total total = total(seriesId);
    weight -= total.weight();
    Exponential before = total.histogram;
    Exponential after = before == null ? delta.bounded() : before.plus(delta);
    total.histogram = after;
    weight += total.weight();
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

  /** Every total as a series of one sample, without those silent for a day, which are forgotten. */
  List<SeriesSamples> snapshot() {
    totals.values().removeIf(total -> total.timeMs < newestMs - FORGET_AFTER_MS);
    weight = totals.values().stream().mapToInt(Total::weight).sum();
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
