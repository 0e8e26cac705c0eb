package dev.tocsin.app.bench;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run showed. Unless it says "in all", figures are of the requests due after the warm-up.
 *
 * @param startedAt when the run began, ISO 8601
 * @param seconds how long was measured
 * @param goodputItems items acknowledged while it was measured
 * @param acknowledged requests
 * @param unsent requests that were due and still waiting at the end
 * @param rejectedItems items that partial success left out
 * @param errors requests by code
 * @param totalAcknowledgedItems in all, from the first request to the last answer
 * @param latency in nanoseconds, from when each request was due
 */
record Report(
    BenchOptions options,
    String startedAt,
    double seconds,
    long requestBytes,
    long goodputItems,
    long acknowledged,
    long unsent,
    long retries,
    long rejectedItems,
    Map<String, Long> errors,
    long totalAcknowledgedItems,
    long totalAcknowledgedRequests,
    Histogram latency,
    List<Usage> processes) {

  /**
   * What a process used while it was measured.
   *
   * @param cpuSeconds not a number when unknown
   * @param rssBeforeBytes and the other sizes are -1 when unknown
   * @param rssMaxBytes the most seen, several times a second
   * @param rssPeakBytes the most since the process started
   */
  record Usage(
      String name,
      long pid,
      double cpuSeconds,
      long rssBeforeBytes,
      long rssAfterBytes,
      long rssMaxBytes,
      long rssPeakBytes) {}

  double itemsPerSecond() {
    return goodputItems / seconds;
  }

  double requestsPerSecond() {
    return itemsPerSecond() / options.items();
  }

  /** Acknowledged or not. */
  long requests() {
    return acknowledged + unsent + failed();
  }

  private long failed() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Of all requests that were due: refused, lost, or never sent. */
  double errorPercent() {
    long all = requests();
    return all == 0 ? 100 : 100.0 * (failed() + unsent) / all;
  }

  /** CPU-seconds for a million acknowledged items. */
  double cpuPerMillion(Usage usage) {
    return usage.cpuSeconds() / goodputItems * 1e6;
  }

  double percentileMs(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e6;
  }
}
