package dev.tocsin.promql.engine;

import dev.tocsin.promql.histogram.CounterResetHint;
import dev.tocsin.promql.histogram.Histogram;
import dev.tocsin.promql.histogram.HistogramSum;
import org.jspecify.annotations.Nullable;

/**
 * A running sum or mean of histograms; a mean goes on as a running mean where its sum would
 * overflow.
 */
final class HistogramMean {
  private final boolean mean;
  private @Nullable HistogramSum sum;
  private double count;
  private boolean running;
  private boolean resetSeen;
  private boolean notResetSeen;

  HistogramMean(boolean mean) {
    this.mean = mean;
  }

  boolean isEmpty() {
    return sum == null;
  }

  /** Whether hints of a reset and of none were both seen. */
  boolean collides() {
    return resetSeen && notResetSeen;
  }

  boolean reconciled() {
    return sum != null && sum.reconciled();
  }

  /** False when the buckets are of another kind than those before. */
  boolean add(Histogram histogram) {
    resetSeen |= histogram.hint() == CounterResetHint.RESET;
    notResetSeen |= histogram.hint() == CounterResetHint.NOT_RESET;
    count++;
    if (sum == null) {
      sum = new HistogramSum(histogram);
      return true;
    }
    return mean ? addToMean(sum, histogram) : sum.add(histogram);
  }

  private boolean addToMean(HistogramSum before, Histogram histogram) {
    if (!running) {
      HistogramSum next = before.copy();
      if (!next.add(histogram)) {
        return false;
      }
      if (!next.overflows()) {
        sum = next;
        return true;
      }
      running = true;
      before.divide(count - 1);
    }
    before.scale((count - 1) / count);
    return before.add(histogram.dividedBy(count));
  }

  Histogram result() {
    if (sum == null) {
      throw new IllegalStateException("no histogram was added");
    }
    if (mean && !running) {
      HistogramSum divided = sum.copy();
      divided.divide(count);
      return divided.result();
    }
    return sum.result();
  }
}
