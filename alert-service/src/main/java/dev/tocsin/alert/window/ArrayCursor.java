package dev.tocsin.alert.window;

import dev.tocsin.promql.series.SampleCursor;

/** Samples in arrays, from an index to before another. */
final class ArrayCursor implements SampleCursor {
  private final long[] times;
  private final double[] values;
  private final int end;
  private int at;

  ArrayCursor(long[] times, double[] values, int begin, int end) {
    this.times = times;
    this.values = values;
    this.at = begin - 1;
    this.end = end;
  }

  @Override
  public boolean next() {
    if (at + 1 >= end) {
      return false;
    }
    at++;
    return true;
  }

  @Override
  public long timestampMs() {
    return times[at];
  }

  @Override
  public double value() {
    return values[at];
  }

  @Override
  public int read(long untilMs, long[] timestampsMs, double[] into, int offset, int max) {
    int copied = 0;
    while (copied < max && at + 1 < end && times[at + 1] <= untilMs) {
      at++;
      timestampsMs[offset + copied] = times[at];
      into[offset + copied] = values[at];
      copied++;
    }
    return copied;
  }
}
