package dev.tocsin.segment.metric;

import com.google.protobuf.Message;
import dev.tocsin.otlp.prometheus.PrometheusSeries;
import java.util.Arrays;
import java.util.List;

/**
 * What the samples of a block say about the points of a stream, one after the other. Writer and
 * reader of {@link RawMetrics} ask the same and must be told the same: this is part of the stored
 * format.
 *
 * @param <P> the type of the points
 */
final class Prediction<P extends Message> {
  private static final long NANOS_PER_MS = 1_000_000;

  private final PointStream<P> stream;
  private final List<SeriesSamples> series;
  private final long[] clock;
  private final double[] values;
  private final int[] at;
  private int tick = -1;

  /**
   * @param series of the stream, an empty one where the block has none
   * @param clock every time of the block's points, ascending
   */
  Prediction(PointStream<P> stream, List<SeriesSamples> series, long[] clock) {
    this.stream = stream;
    this.series = series;
    this.clock = clock;
    this.values = new double[series.size()];
    this.at = new int[series.size()];
    Arrays.fill(at, -1);
  }

  /** Index in the clock that the next point's time should have. */
  int nextTime() {
    if (series.isEmpty() || at[0] + 1 >= series.get(0).size()) {
      return tick + 1;
    }
    long nanos = series.get(0).timeMs(at[0] + 1) * NANOS_PER_MS;
    int found = Arrays.binarySearch(clock, nanos);
    return found < 0 ? -found - 1 : found;
  }

  /** Goes to a point's time and returns its index in the clock. */
  int move(long time) {
    tick = Arrays.binarySearch(clock, time);
    long timeMs = Math.floorDiv(time, NANOS_PER_MS);
    for (int i = 0; i < at.length; i++) {
      values[i] = move(i, series.get(i), timeMs);
    }
    return tick;
  }

  private double move(int i, SeriesSamples samples, long timeMs) {
    int next = at[i] + 1;
    if (next >= samples.size() || samples.timeMs(next) != timeMs) {
      next = samples.firstAt(timeMs);
      if (next >= samples.size() || samples.timeMs(next) != timeMs) {
        return 0;
      }
    }
    at[i] = next;
    double value = samples.value(next);
    if (PrometheusSeries.isStale(value)) {
      return 0;
    }
    if (!samples.accumulated()) {
      return value;
    }
    double added = next == 0 ? value : value - samples.value(next - 1);
    // Which NaN arithmetic gives may differ from processor to processor.
    return Double.isNaN(added) ? 0 : added;
  }

  /** The numbers that the point with that index should have; the caller's to change. */
  long[] numbers(int index) {
    long[] predicted = new long[stream.width];
    if (stream.width > 0 && values.length > 0) {
      long[] previous = index == 0 ? new long[stream.width] : stream.numbers(index - 1);
      stream.shape.predict(stream.constant, values, previous, predicted);
    }
    return predicted;
  }
}
