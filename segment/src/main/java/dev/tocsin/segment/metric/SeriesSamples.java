package dev.tocsin.segment.metric;

import dev.tocsin.otlp.prometheus.PrometheusSeries;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Samples of one series in ascending time, floats or exponential histograms; grows while a block is
 * filled. Not thread-safe.
 */
public final class SeriesSamples {
  private final long id;
  private final String metric;
  private final boolean accumulated;
  private long[] timesMs;
  private double[] values;
  private @Nullable Exponential @Nullable [] histograms;
  private int size;

  /**
   * @param id of the series
   * @param metric its metric name; empty in a block that was read
   * @param accumulated whether the values are sums of deltas kept by the writer
   */
  public SeriesSamples(long id, String metric, boolean accumulated) {
    this(id, metric, accumulated, new long[4], new double[4], null, 0);
  }

  SeriesSamples(
      long id,
      String metric,
      boolean accumulated,
      long[] timesMs,
      double[] values,
      @Nullable Exponential @Nullable [] histograms,
      int size) {
    this.id = id;
    this.metric = metric;
    this.accumulated = accumulated;
    this.timesMs = timesMs;
    this.values = values;
    this.histograms = histograms;
    this.size = size;
  }

  /** A total alone, in no more memory than one sample takes. */
  public static SeriesSamples total(long id, long timeMs, double value) {
    return new SeriesSamples(id, "", true, new long[] {timeMs}, new double[] {value}, null, 1);
  }

  /** A total of histograms likewise. */
  public static SeriesSamples total(long id, long timeMs, Exponential histogram) {
    return new SeriesSamples(
        id,
        "",
        true,
        new long[] {timeMs},
        new double[] {Double.NaN},
        new Exponential[] {histogram},
        1);
  }

  /** Its last sample that is no staleness marker, as a total alone. */
  public Optional<SeriesSamples> lastTotal() {
    int last = lastRecorded();
    if (last < 0) {
      return Optional.empty();
    }
    Exponential histogram = histogram(last);
    return Optional.of(
        histogram == null
            ? total(id, timesMs[last], values[last])
            : total(id, timesMs[last], histogram));
  }

  public long id() {
    return id;
  }

  public String metric() {
    return metric;
  }

  public boolean accumulated() {
    return accumulated;
  }

  public int size() {
    return size;
  }

  public long timeMs(int index) {
    return timesMs[index];
  }

  public double value(int index) {
    return values[index];
  }

  /** The histogram of a sample, null when it is a float. */
  public @Nullable Exponential histogram(int index) {
    return histograms == null ? null : histograms[index];
  }

  /** Whether any sample may be a histogram. */
  public boolean hasHistograms() {
    return histograms != null;
  }

  /**
   * Adds at the end or, for a late sample, in its place; an equal time takes the new value, but for
   * a {@link BeginMarker}, which gives way to a sample and to one of an earlier point.
   */
  public void add(long timeMs, double value) {
    add(timeMs, value, null);
  }

  /** Whether there is a sample of that time with another value, which adding this one replaces. */
  public boolean hasOther(long timeMs, double value) {
    int at = size - 1;
    while (at >= 0 && timesMs[at] > timeMs) {
      at--;
    }
    return at >= 0
        && timesMs[at] == timeMs
        && histogram(at) == null
        && !isMarker(at)
        && Double.compare(values[at], value) != 0;
  }

  /** Adds a histogram likewise. */
  public void add(long timeMs, Exponential histogram) {
    add(timeMs, Double.NaN, histogram);
  }

  private void add(long timeMs, double value, @Nullable Exponential histogram) {
    int at = size;
    while (at > 0 && timesMs[at - 1] > timeMs) {
      at--;
    }
    if (at > 0 && timesMs[at - 1] == timeMs) {
      at--;
      if (histogram == null && BeginMarker.is(value) && !givesWay(at, value)) {
        return;
      }
    } else {
      insert(at);
    }
    timesMs[at] = timeMs;
    values[at] = value;
    if (histogram != null && histograms == null) {
      histograms = new Exponential[timesMs.length];
    }
    if (histograms != null) {
      histograms[at] = histogram;
    }
  }

  /** The marker that tells of the first point of all stands. */
  private boolean givesWay(int index, double marker) {
    return isMarker(index) && BeginMarker.lengthMs(marker) < BeginMarker.lengthMs(values[index]);
  }

  private boolean isMarker(int index) {
    return histogram(index) == null && BeginMarker.is(values[index]);
  }

  /**
   * Puts zeros where totals began by what the samples say, in the place of the {@link BeginMarker}s
   * that are right, and drops the others. To be called when all samples of a time range are here.
   */
  public void begin() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      boolean marker = isMarker(i);
      if (marker && !isRight(i)) {
        continue;
      }
      timesMs[kept] = timesMs[i];
      values[kept] = marker ? 0 : values[i];
      if (histograms != null) {
        histograms[kept] = histograms[i];
      }
      kept++;
    }
    size = kept;
  }

  /** Whether no sample lies between a marker and the point that it tells of. */
  private boolean isRight(int marker) {
    long firstMs = timesMs[marker] + BeginMarker.lengthMs(values[marker]);
    for (int next = marker + 1; next < size && timesMs[next] < firstMs; next++) {
      if (!isMarker(next)) {
        return false;
      }
    }
    return true;
  }

  private void insert(int at) {
    if (size == timesMs.length) {
      timesMs = Arrays.copyOf(timesMs, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    if (histograms != null && histograms.length < timesMs.length) {
      histograms = Arrays.copyOf(histograms, timesMs.length);
    }
    if (at < size) {
      System.arraycopy(timesMs, at, timesMs, at + 1, size - at);
      System.arraycopy(values, at, values, at + 1, size - at);
      if (histograms != null) {
        System.arraycopy(histograms, at, histograms, at + 1, size - at);
      }
    }
    size++;
  }

  /** Bytes it takes in memory, about. */
  public long bytes() {
    long bytes = 200 + (Long.BYTES + Double.BYTES) * (long) size;
    @Nullable Exponential[] some = histograms;
    for (int i = 0; some != null && i < size; i++) {
      Exponential histogram = some[i];
      bytes += histogram == null ? Long.BYTES : histogram.bytes();
    }
    return bytes;
  }

  /** Index of the last sample that is no marker of whatever kind, -1 when all are. */
  public int lastRecorded() {
    int at = size - 1;
    while (at >= 0
        && histogram(at) == null
        && (PrometheusSeries.isStale(values[at]) || BeginMarker.is(values[at]))) {
      at--;
    }
    return at;
  }

  /**
   * Adds the samples of a later block that lie between the times, both inclusive. A total is never
   * lowered by one of the same time.
   */
  public void merge(SeriesSamples block, long fromMs, long toMs) {
    int from = block.firstAt(fromMs);
    int to = toMs == Long.MAX_VALUE ? block.size : block.firstAt(toMs + 1);
    boolean behind = from < to && (size == 0 || timesMs[size - 1] < block.timesMs[from]);
    if (behind && histograms == null && block.histograms == null) {
      append(block, from, to);
      return;
    }
    for (int i = from; i < to; i++) {
      long timeMs = block.timesMs[i];
      boolean sameTime = size > 0 && timesMs[size - 1] == timeMs;
      if (!(sameTime && accumulated && block.isLower(i, this, size - 1))) {
        add(timeMs, block.values[i], block.histogram(i));
      }
    }
  }

  private void append(SeriesSamples block, int from, int to) {
    int more = to - from;
    if (timesMs.length < size + more) {
      int room = Math.max(size + more, size * 2);
      timesMs = Arrays.copyOf(timesMs, room);
      values = Arrays.copyOf(values, room);
    }
    System.arraycopy(block.timesMs, from, timesMs, size, more);
    System.arraycopy(block.values, from, values, size, more);
    size += more;
  }

  /**
   * Copies samples from an index on: at most so many, none after a time.
   *
   * @return how many
   */
  public int copy(int from, long untilMs, long[] toTimes, double[] toValues, int into, int max) {
    int end = Math.min(size, from + max);
    if (end > from && timesMs[end - 1] > untilMs) {
      // Most often a few of many.
      end = from;
      while (timesMs[end] <= untilMs) {
        end++;
      }
    }
    int count = Math.max(0, end - from);
    System.arraycopy(timesMs, from, toTimes, into, count);
    System.arraycopy(values, from, toValues, into, count);
    return count;
  }

  /** Index of the first sample at or after a time. */
  int firstAt(long timeMs) {
    int at = Arrays.binarySearch(timesMs, 0, size, timeMs);
    return at < 0 ? -at - 1 : at;
  }

  private boolean isLower(int index, SeriesSamples other, int otherIndex) {
    Exponential mine = histogram(index);
    Exponential others = other.histogram(otherIndex);
    return (mine != null && others != null)
        ? mine.count() < others.count()
        : values[index] < other.values[otherIndex];
  }
}
