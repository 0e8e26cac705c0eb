package dev.tocsin.app.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The report for people. */
final class ReportText {
  private ReportText() {}

  static List<String> of(Report report) {
    BenchOptions options = report.options();
    String items = options.signal().items();
    List<String> lines = new ArrayList<>();
    lines.add(loop(options));
    lines.add(
        row(
            "throughput",
            "%,.0f %s/s, %,.1f requests/s, %,.1f MB/s sent over %.1f s",
            report.itemsPerSecond(),
            items,
            report.requestsPerSecond(),
            report.requestsPerSecond() * report.requestBytes() / 1e6,
            report.seconds()));
    lines.add(
        row(
            "latency, ms",
            "avg %.1f  p50 %.1f  p95 %.1f  p99 %.1f  p99.9 %.1f  max %.1f%s",
            report.latency().getMean() / 1e6,
            report.percentileMs(50),
            report.percentileMs(95),
            report.percentileMs(99),
            report.percentileMs(99.9),
            report.latency().getMaxValue() / 1e6,
            options.openLoop() ? "  (from when each was due)" : ""));
    lines.add(row("errors", "%s", errors(report)));
    if (options.retry()) {
      lines.add(row("retries", "%,d", report.retries()));
    }
    lines.add(
        row(
            "in all",
            "%,d %s acknowledged in %,d requests, warm-up included",
            report.totalAcknowledgedItems(),
            items,
            report.totalAcknowledgedRequests()));
    report.processes().forEach(usage -> lines.add(process(report, usage)));
    return lines;
  }

  private static String loop(BenchOptions options) {
    String what =
        "%s over %s, compression %s, %d a request, %d connections x %d in flight"
            .formatted(
                options.signal().items(),
                options.protocol(),
                options.compression(),
                options.items(),
                options.connections(),
                options.inFlight());
    return options.openLoop()
        ? "open loop: %,.0f items/s due; %s".formatted(options.itemsPerSecond(), what)
        : "closed loop (finds the capacity; latencies are those of a client that waits): " + what;
  }

  private static String errors(Report report) {
    List<String> parts = new ArrayList<>();
    report.errors().forEach((code, count) -> parts.add("%,d %s".formatted(count, code)));
    if (report.unsent() > 0) {
      parts.add("%,d due but still waiting at the end".formatted(report.unsent()));
    }
    if (report.rejectedItems() > 0) {
      parts.add("%,d items rejected by partial success".formatted(report.rejectedItems()));
    }
    return "%.2f %% of %,d requests%s"
        .formatted(
            report.errorPercent(),
            report.requests(),
            parts.isEmpty() ? "" : ": " + String.join(", ", parts));
  }

  private static String process(Report report, Report.Usage usage) {
    return row(
        usage.name(),
        "%.3f CPU-s per million items (%.2f CPU-s), RSS %s MiB before, %s after, %s at most, %s since its start",
        report.cpuPerMillion(usage),
        usage.cpuSeconds(),
        mib(usage.rssBeforeBytes()),
        mib(usage.rssAfterBytes()),
        mib(usage.rssMaxBytes()),
        mib(usage.rssPeakBytes()));
  }

  private static String mib(long bytes) {
    return bytes < 0 ? "?" : Long.toString(bytes >> 20);
  }

  private static String row(String name, String format, Object... values) {
    return "  %-12s ".formatted(name) + String.format(Locale.ROOT, format, values);
  }
}
