package dev.tocsin.app.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The report for programs. Version 1; fields are only ever added. Header values are left out. */
final class ReportJson {
  private static final int VERSION = 1;

  private ReportJson() {}

  static JsonObject of(Report report) {
    JsonArray processes = new JsonArray();
    report.processes().forEach(usage -> processes.add(process(report, usage)));
    JsonObject errors = new JsonObject();
    report.errors().forEach(errors::put);
    return new JsonObject()
        .put("version", VERSION)
        .put("startedAt", report.startedAt())
        .put("options", options(report.options()))
        .put("seconds", report.seconds())
        .put("requestBytes", report.requestBytes())
        .put("itemsPerSecond", report.itemsPerSecond())
        .put("requestsPerSecond", report.requestsPerSecond())
        .put("requests", report.requests())
        .put("acknowledgedRequests", report.acknowledged())
        .put("unsentRequests", report.unsent())
        .put("retries", report.retries())
        .put("rejectedItems", report.rejectedItems())
        .put("errors", errors)
        .put("errorPercent", report.errorPercent())
        .put("latencyMs", latency(report))
        .put(
            "total",
            new JsonObject()
                .put("acknowledgedRequests", report.totalAcknowledgedRequests())
                .put("acknowledgedItems", report.totalAcknowledgedItems()))
        .put("processes", processes);
  }

  private static JsonObject options(BenchOptions options) {
    return new JsonObject()
        .put("endpoint", options.endpoint().toString())
        .put("loop", options.openLoop() ? "open" : "closed")
        .put("signal", options.signal().label())
        .put("protocol", options.protocol().label())
        .put("compression", options.compression().label())
        .put("batchSize", options.items())
        .put("spansPerTrace", options.spansPerTrace())
        .put("rate", options.itemsPerSecond())
        .put("connections", options.connections())
        .put("inFlight", options.inFlight())
        .put("warmUpMs", options.warmUpMs())
        .put("durationMs", options.durationMs())
        .put("timeoutMs", options.timeoutMs())
        .put("seed", options.seed())
        .put("unique", options.unique() || options.compression() == BodyCompression.NONE)
        .put("retry", options.retry());
  }

  private static JsonObject latency(Report report) {
    return new JsonObject()
        .put("count", report.latency().getTotalCount())
        .put("mean", report.latency().getMean() / 1e6)
        .put("p50", report.percentileMs(50))
        .put("p90", report.percentileMs(90))
        .put("p95", report.percentileMs(95))
        .put("p99", report.percentileMs(99))
        .put("p99.9", report.percentileMs(99.9))
        .put("max", report.latency().getMaxValue() / 1e6);
  }

  private static JsonObject process(Report report, Report.Usage usage) {
    return new JsonObject()
        .put("name", usage.name())
        .put("pid", usage.pid())
        .put("cpuSeconds", known(usage.cpuSeconds()))
        .put("cpuSecondsPerMillionItems", known(report.cpuPerMillion(usage)))
        .put("rssBeforeBytes", usage.rssBeforeBytes())
        .put("rssAfterBytes", usage.rssAfterBytes())
        .put("rssMaxBytes", usage.rssMaxBytes())
        .put("rssPeakBytes", usage.rssPeakBytes());
  }

  /** JSON has no NaN. */
  private static @Nullable Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
