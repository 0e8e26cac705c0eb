package dev.tocsin.storage.ports;

import java.util.ArrayList;
import java.util.List;

/**
 * Calls of a time with their errors and durations: sums, so that those of several times, operations
 * or databases can be added up; rates and quantiles are computed of the whole.
 *
 * @param errors calls whose status is error
 * @param durationNanos sum over the calls
 * @param buckets calls by duration, not cumulative: {@link #BOUNDS_SECONDS}
 * @param seconds the time asked for, or of it what the service has lived
 * @param otherSpans spans of the kinds that were not asked for, in none of the sums
 */
public record Measures(
    long calls,
    long errors,
    double durationNanos,
    List<Long> buckets,
    double seconds,
    long otherSpans) {
  /** Upper bounds of the buckets, those of {@code span_red}; the last counts longer calls too. */
  static final List<Double> BOUNDS_SECONDS =
      List.of(
          0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
          60.0);

  private static final double NANOS_PER_SECOND = 1e9;

  public Measures {
    buckets = List.copyOf(buckets);
    if (buckets.size() != BOUNDS_SECONDS.size()) {
      throw new IllegalArgumentException(
          buckets.size() + " buckets (expected: " + BOUNDS_SECONDS.size() + ")");
    }
  }

  /** Both, of the same time; a service is as old as where it was seen first. */
  public Measures and(Measures other) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < buckets.size(); i++) {
      sums.add(buckets.get(i) + other.buckets.get(i));
    }
    return new Measures(
        calls + other.calls,
        errors + other.errors,
        durationNanos + other.durationNanos,
        sums,
        Math.max(seconds, other.seconds),
        otherSpans + other.otherSpans);
  }

  public double callsPerSecond() {
    return calls / seconds;
  }

  /** 0-1. */
  public double errorRatio() {
    return calls == 0 ? 0 : (double) errors / calls;
  }

  public double meanSeconds() {
    return calls == 0 ? 0 : durationNanos / NANOS_PER_SECOND / calls;
  }

  public double p50Seconds() {
    return quantileSeconds(0.5);
  }

  public double p95Seconds() {
    return quantileSeconds(0.95);
  }

  public double p99Seconds() {
    return quantileSeconds(0.99);
  }

  /**
   * Seconds within which a share of the calls stayed: linear within a bucket, as {@code
   * latency_quantile} of the schema; 0 without calls.
   *
   * @param share 0-1
   */
  double quantileSeconds(double share) {
    long total = buckets.stream().mapToLong(Long::longValue).sum();
    double rank = share * total;
    long below = 0;
    double bound = 0;
    for (int i = 0; i < buckets.size(); i++) {
      long here = buckets.get(i);
      if (here > 0 && below + here >= rank) {
        return bound + (BOUNDS_SECONDS.get(i) - bound) * (rank - below) / here;
      }
      below += here;
      bound = BOUNDS_SECONDS.get(i);
    }
    return 0;
  }
}
