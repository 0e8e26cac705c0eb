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
 * from the same state give the same totals as long as there is room. A delta that is not newer than
 * the last one counts too; its total takes the last one's time. Used by one thread.
 *
 * <p>Where there is no room, no further series is admitted. Those that are here go on; a histogram
 * then grows no more, but takes a lower scale.
 */
final class Totals {
  private static final long FORGET_AFTER_MS = Duration.ofDays(1).toMillis();

  /**
   * How often all were stored, once a minute, while one was silent that others need the room of.
   */
  private static final int SNAPSHOTS_SILENT_MAX = 10;

  /** A series that was silent for longer is worth, until its next delta, what it was before. */
  private static final long SILENT_MS = Duration.ofMinutes(1).toMillis();

  /** What a total takes: itself, its place in the map, and once a minute its copy to be stored. */
  static final int TOTAL_HEAP_BYTES = 256;

  /** Of one partition: its totals are stored as one value, which PostgreSQL bounds to 1 GB. */
  private static final long BYTES_MAX = 128L << 20;

  private static final class Total {
    double value;
    @Nullable Exponential histogram;
    long timeMs;

    /** Number of the snapshot that follows its last delta. */
    int snapshot;

    long bytes() {
      Exponential buckets = histogram;
      return buckets == null ? TOTAL_HEAP_BYTES : TOTAL_HEAP_BYTES + buckets.bytes();
    }
  }

  private final Map<Long, Total> totals = new HashMap<>();
  private final TotalsMemory memory;
  private long bytes;
  private long newestMs;
  private int snapshots;

  /**
   * @param restored taken whether there is room or not: they are what the samples stored go on from
   * @param memory shared with the totals of other partitions; given back by {@link #close}
   */
  Totals(Collection<SeriesSamples> restored, TotalsMemory memory) {
    this.memory = memory;
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
      take(total.bytes());
      newestMs = Math.max(newestMs, total.timeMs);
    }
  }

  private void take(long more) {
    bytes += more;
    memory.take(more);
  }

  private boolean hasRoom() {
    return bytes < BYTES_MAX && memory.hasRoom();
  }

  /** Whether there is room for the series; what has a total already has it. */
  boolean admits(long seriesId) {
    return hasRoom() || totals.containsKey(seriesId);
  }

  private Total total(long seriesId) {
    Total total = totals.get(seriesId);
    if (total == null) {
      total = new Total();
      totals.put(seriesId, total);
      take(total.bytes());
    }
    total.snapshot = snapshots;
    return total;
  }

  /**
   * To be called before a delta is added: hands the total on that it is added to where no sample
   * near by says it, at the time from which the delta counts. A series that begins has a zero
   * there, so that its first delta is an increase; so does one that was silent.
   *
   * @param fromMs before the time of the delta
   */
  void begin(long seriesId, long fromMs, Sample sample) {
    Total total = totals.get(seriesId);
    if (total == null) {
      sample.at(fromMs, 0);
    } else if (total.histogram == null && fromMs - total.timeMs > SILENT_MS) {
      sample.at(fromMs, total.value);
    }
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
    boolean mayGrow = hasRoom();
    Total total = total(seriesId);
    long bytesBefore = total.bytes();
    Exponential after = sum(total.histogram, delta, mayGrow);
    total.histogram = after;
    take(total.bytes() - bytesBefore);
    total.timeMs = Math.max(total.timeMs, timeMs);
    newestMs = Math.max(newestMs, total.timeMs);
    sample.at(total.timeMs, after);
  }

  private static Exponential sum(@Nullable Exponential before, Exponential delta, boolean mayGrow) {
    if (before == null) {
      return mayGrow ? delta.bounded() : delta.narrow();
    }
    return mayGrow ? before.plus(delta) : before.plusWithin(delta);
  }

  /** A total and its time. */
  interface Sample {
    void at(long timeMs, double value);
  }

  /** A total of histograms and its time. */
  interface HistogramSample {
    void at(long timeMs, Exponential value);
  }

  /**
   * Every total as a series of one sample, without those silent for a day, which are forgotten; for
   * some minutes only, where there is no room: most of what takes it was then never heard of again.
   */
  List<SeriesSamples> snapshot() {
    int silentMax = hasRoom() ? Integer.MAX_VALUE : SNAPSHOTS_SILENT_MAX;
    totals
        .values()
        .removeIf(
            total ->
                total.timeMs < newestMs - FORGET_AFTER_MS
                    || snapshots - total.snapshot >= silentMax);
    snapshots++;
    take(totals.values().stream().mapToLong(Total::bytes).sum() - bytes);
    return totals.entrySet().stream()
        .map(
            entry -> {
              Total total = entry.getValue();
              Exponential histogram = total.histogram;
              return histogram == null
                  ? SeriesSamples.total(entry.getKey(), total.timeMs, total.value)
                  : SeriesSamples.total(entry.getKey(), total.timeMs, histogram);
            })
        .toList();
  }

  /** Gives its room back; to be used no more. */
  void close() {
    totals.clear();
    take(-bytes);
  }
}
