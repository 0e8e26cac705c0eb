package dev.tocsin.app.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Counts of a run, written by all lanes and read while it goes on. Requests of the warm-up count
 * only where it says "in all". Latencies are of acknowledged requests, and of those that were due
 * but never sent, as far as they had waited. Thread-safe.
 */
final class Tally {
  private static final int SIGNIFICANT_DIGITS = 3;

  private final int itemsPerRequest;
  private final LongAdder acknowledgedItems = new LongAdder();
  private final LongAdder acknowledgedRequests = new LongAdder();
  private final LongAdder failedRequests = new LongAdder();
  private final LongAdder measuredAcknowledged = new LongAdder();
  private final LongAdder measuredUnsent = new LongAdder();
  private final LongAdder measuredRejectedItems = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final Map<String, LongAdder> measuredErrors = new ConcurrentHashMap<>();
  private final Recorder latency = new Recorder(SIGNIFICANT_DIGITS);

  Tally(int itemsPerRequest) {
    this.itemsPerRequest = itemsPerRequest;
  }

  /**
   * Notes the end of a request.
   *
   * @param measured whether it was due after the warm-up
   * @param latencyNanos since it was due
   */
  void ended(RequestOutcome outcome, boolean measured, long latencyNanos) {
    if (outcome.ok()) {
      acknowledgedRequests.increment();
      acknowledgedItems.add(itemsPerRequest - outcome.rejectedItems());
    } else {
      failedRequests.increment();
    }
    if (!measured) {
      return;
    }
    if (outcome.ok()) {
      measuredAcknowledged.increment();
      measuredRejectedItems.add(outcome.rejectedItems());
      latency.recordValue(Math.max(0, latencyNanos));
    } else {
      measuredErrors.computeIfAbsent(outcome.code(), code -> new LongAdder()).increment();
    }
  }

  /** Notes a request that was due and had not been sent when the run was over. */
  void unsent(boolean measured, long waitedNanos) {
    if (measured) {
      measuredUnsent.increment();
      latency.recordValue(Math.max(0, waitedNanos));
    }
  }

  /** Notes that a refused request is going to be sent again. */
  void retried() {
    retries.increment();
  }

  /** In all, the warm-up too. */
  long acknowledgedItems() {
    return acknowledgedItems.sum();
  }

  /** In all, the warm-up too. */
  long acknowledgedRequests() {
    return acknowledgedRequests.sum();
  }

  /** In all, the warm-up too. */
  long failedRequests() {
    return failedRequests.sum();
  }

  long measuredAcknowledged() {
    return measuredAcknowledged.sum();
  }

  long measuredUnsent() {
    return measuredUnsent.sum();
  }

  long measuredRejectedItems() {
    return measuredRejectedItems.sum();
  }

  long retries() {
    return retries.sum();
  }

  /** By code. */
  Map<String, Long> measuredErrors() {
    Map<String, Long> sums = new TreeMap<>();
    measuredErrors.forEach((code, count) -> sums.put(code, count.sum()));
    return sums;
  }

  /** The latencies in nanoseconds since the last call; for one reader. */
  Histogram takeLatencies() {
    return latency.getIntervalHistogram();
  }
}
