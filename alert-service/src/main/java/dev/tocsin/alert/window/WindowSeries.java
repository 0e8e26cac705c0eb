package dev.tocsin.alert.window;

import dev.tocsin.otlp.prometheus.SeriesSink.Kind;
import dev.tocsin.promql.series.Labels;
import dev.tocsin.promql.series.SampleCursor;
import dev.tocsin.promql.series.StaleMarker;
import java.util.Arrays;

/**
 * The samples of one series in ascending time, in arrays that move along. Deltas are added up.
 *
 * <p>Not thread-safe; the window's lock guards it.
 */
final class WindowSeries {
  private static final int CAPACITY_FIRST = 16;

  private final Labels labels;
  private final long wantedMs;
  private final long number;
  private long[] times = new long[CAPACITY_FIRST];
  private double[] values = new double[CAPACITY_FIRST];
  private int from;
  private int to;
  private double total;
  private boolean delta;

  /** Whether the newest sample is what was left by a cut, and not to be replaced by the next. */
  private boolean cut;

  /**
   * @param wantedMs how far back somebody looks at it
   * @param number tells the series of a window apart
   */
  WindowSeries(Labels labels, long wantedMs, long number) {
    this.number = number;
    this.labels = labels;
    this.wantedMs = wantedMs;
  }

  Labels labels() {
    return labels;
  }

  long number() {
    return number;
  }

  int size() {
    return to - from;
  }

  long wantedMs() {
    return wantedMs;
  }

  /** Time of the oldest sample; the series has one. */
  long firstMs() {
    return times[from];
  }

  /** Time of the newest sample; the series has one. */
  long lastMs() {
    return times[to - 1];
  }

  /**
   * Adds a sample to a series that stands for itself or for a running total. A total that began
   * inside the window began at zero, so that zero is added: {@code rate} then sees the first
   * increment, and a restart even where the total is higher than before.
   *
   * @param knownSinceMs since when the window would have had the series had it existed
   * @return false when there is a later or equally late sample already
   */
  boolean append(Kind kind, long timeMs, long startMs, double value, long knownSinceMs) {
    if (size() > 0 && timeMs <= lastMs()) {
      return false;
    }
    boolean began =
        kind == Kind.CUMULATIVE
            && startMs >= knownSinceMs
            && startMs > 0
            && startMs < timeMs
            && (size() == 0 || startMs > lastMs());
    if (began && !StaleMarker.is(value)) {
      push(startMs, 0);
    }
    push(timeMs, value);
    return true;
  }

  /**
   * Adds what a delta series counted. Late deltas count at the newest time: none is lost. Samples
   * closer together than the resolution become one, because deltas come several times a second. A
   * series that begins, or goes on after its end, begins at what it had before: only what is added
   * is an increase.
   *
   * @return false when the value is no number that can be added
   */
  boolean add(long timeMs, long startMs, double value, long resolutionMs) {
    delta = true;
    if (StaleMarker.is(value)) {
      if (size() > 0 && timeMs > lastMs() && !ended()) {
        push(timeMs, value);
      }
      return true;
    }
    if (!Double.isFinite(total + value)) {
      return false;
    }
    if (ended() && timeMs <= lastMs() + 1) {
      // It belongs before the end, which stands.
      total += value;
      if (size() > 1) {
        values[to - 2] = total;
      }
      return true;
    }
    boolean begins = size() == 0 || ended();
    if (begins) {
      long base = startMs > 0 && startMs < timeMs ? startMs : timeMs - 1;
      push(size() == 0 ? base : Math.max(base, lastMs() + 1), total);
    }
    total += value;
    boolean apart = begins || cut;
    cut = false;
    long at = Math.max(timeMs, apart ? lastMs() + 1 : lastMs());
    boolean close = size() >= 2 && at - times[to - 2] <= resolutionMs;
    if (!apart && (close || at == lastMs())) {
      times[to - 1] = at;
      values[to - 1] = total;
    } else {
      push(at, total);
    }
    return true;
  }

  private boolean ended() {
    return size() > 0 && StaleMarker.is(values[to - 1]);
  }

  /**
   * Takes back samples that lie ahead of the clock, which has been set back since. What deltas had
   * added by them is taken back too, because nobody can tell when it happened.
   */
  void forgetAfter(long timeMs) {
    int end = firstAfter(timeMs);
    if (end == to) {
      return;
    }
    to = end;
    cut = true;
    if (delta) {
      total = size() == 0 ? 0 : values[to - 1];
      if (StaleMarker.is(total)) {
        total = size() > 1 ? values[to - 2] : 0;
      }
    }
  }

  /** Moves all samples in time. */
  void shift(long byMs) {
    for (int i = from; i < to; i++) {
      times[i] += byMs;
    }
  }

  private void push(long timeMs, double value) {
    if (to == times.length) {
      makeRoom();
    }
    times[to] = timeMs;
    values[to] = value;
    to++;
  }

  private void makeRoom() {
    int size = size();
    int capacity = from > times.length / 2 ? times.length : times.length * 2;
    long[] nextTimes = new long[capacity];
    double[] nextValues = new double[capacity];
    System.arraycopy(times, from, nextTimes, 0, size);
    System.arraycopy(values, from, nextValues, 0, size);
    times = nextTimes;
    values = nextValues;
    from = 0;
    to = size;
  }

  /**
   * Forgets samples before a time, but for the last of them: the value at that time.
   *
   * @return how many were forgotten
   */
  int forgetBefore(long timeMs) {
    int keep = Math.max(from, firstAfter(timeMs) - 1);
    int forgotten = keep - from;
    from = keep;
    return forgotten;
  }

  /** Index of the first sample after a time. */
  private int firstAfter(long timeMs) {
    int found = Arrays.binarySearch(times, from, to, timeMs);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /**
   * The samples from {@code startMs} to {@code endMs}. A series of deltas is known at every moment,
   * not only where it has samples; so it gets one at either edge, and {@code rate} and {@code
   * increase} come out exact instead of extrapolated. It ends {@code lookbackMs} after its last
   * delta, as a series of a counter that is no longer reported does.
   */
  SampleCursor cursor(long startMs, long endMs, long lookbackMs) {
    int begin = firstAfter(startMs - 1);
    int end = firstAfter(endMs);
    if (!delta || end == from || StaleMarker.is(values[end - 1])) {
      return new ArrayCursor(times, values, begin, end);
    }
    boolean ended = endMs > times[end - 1] + lookbackMs;
    if (ended && begin == end) {
      return new ArrayCursor(times, values, end, end);
    }
    boolean startEdge = begin == end || times[begin] > startMs;
    boolean endEdge = !ended && endMs > Math.max(times[end - 1], startMs);
    int count = end - begin;
    int length = count + (startEdge ? 1 : 0) + (endEdge ? 1 : 0);
    long[] edgedTimes = new long[length];
    double[] edgedValues = new double[length];
    int at = 0;
    if (startEdge) {
      edgedTimes[at] = startMs;
      edgedValues[at++] = valueBefore(begin);
    }
    System.arraycopy(times, begin, edgedTimes, at, count);
    System.arraycopy(values, begin, edgedValues, at, count);
    if (endEdge) {
      edgedTimes[length - 1] = endMs;
      edgedValues[length - 1] = values[end - 1];
    }
    return new ArrayCursor(edgedTimes, edgedValues, 0, length);
  }

  /** What a series of deltas was worth just before one of its samples. */
  private double valueBefore(int index) {
    boolean known = index > from && !StaleMarker.is(values[index - 1]);
    // Where nothing is known of the time before, the sample is where the series began or resumed,
    // or the oldest that is kept: in either case nothing is known to have been added to it.
    return known ? values[index - 1] : values[index];
  }
}
