package dev.tocsin.storage.segment;

import java.util.Arrays;

/** Samples of one series in ascending time; grows while a block is filled. Not thread-safe. */
public final class SeriesSamples {
  private final long id;
  private final String metric;
  private final boolean accumulated;
  private long[] timesMs;
  private double[] values;
  private int size;

  /**
   * @param id of the series
   * @param metric its metric name; empty in a block that was read
   * @param accumulated whether the values are sums of deltas kept by the writer
   */
  public SeriesSamples(long id, String metric, boolean accumulated) {
    this(id, metric, accumulated, new long[4], new double[4], 0);
  }

  SeriesSamples(
      long id, String metric, boolean accumulated, long[] timesMs, double[] values, int size) {
    this.id = id;
    this.metric = metric;
    this.accumulated = accumulated;
    this.timesMs = timesMs;
    this.values = values;
    this.size = size;
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

  /** Adds at the end or, for a late sample, in its place; an equal time takes the new value. */
  public void add(long timeMs, double value) {
    int at = size;
    while (at > 0 && timesMs[at - 1] > timeMs) {
      at--;
    }
    if (at > 0 && timesMs[at - 1] == timeMs) {
      values[at - 1] = value;
      return;
    }
    if (size == timesMs.length) {
      timesMs = Arrays.copyOf(timesMs, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    System.arraycopy(timesMs, at, timesMs, at + 1, size - at);
    System.arraycopy(values, at, values, at + 1, size - at);
    timesMs[at] = timeMs;
    values[at] = value;
    size++;
  }

  /**
   * Adds the samples of a later block that lie between the times, both inclusive. A total is never
   * lowered by one of the same time.
   */
  public void merge(SeriesSamples block, long fromMs, long toMs) {
    for (int i = 0; i < block.size(); i++) {
      long timeMs = block.timeMs(i);
      if (timeMs < fromMs || timeMs > toMs) {
        continue;
      }
      boolean sameTime = size > 0 && timesMs[size - 1] == timeMs;
      boolean lower = sameTime && accumulated && block.value(i) < values[size - 1];
      if (!lower) {
        add(timeMs, block.value(i));
      }
    }
  }
}
