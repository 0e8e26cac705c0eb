package dev.tocsin.app.demo;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Collects the metrics of several SDKs on one thread and exports them in one request, where the
 * SDK's own reader would have a thread and a request for each.
 */
final class SharedMetricReader implements AutoCloseable {
  private static final long EXPORT_SECONDS_MAX = 10;

  private final MetricExporter exporter;
  private final List<CollectionRegistration> sources = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "demo-metrics");
            thread.setDaemon(true);
            return thread;
          });

  SharedMetricReader(MetricExporter exporter, Duration interval) {
    this.exporter = exporter;
    long ms = interval.toMillis();
    var unused = timer.scheduleWithFixedDelay(this::exportOnce, ms, ms, TimeUnit.MILLISECONDS);
  }

  /** A reader to be registered with one meter provider. */
  MetricReader reader() {
    return new Reader();
  }

  private void exportOnce() {
    export().join(EXPORT_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private CompletableResultCode export() {
    List<MetricData> all =
        sources.stream().flatMap(source -> source.collectAllMetrics().stream()).toList();
    return all.isEmpty() ? CompletableResultCode.ofSuccess() : exporter.export(all);
  }

  /** Exports once more and closes the exporter; blocks within a bound. */
  @Override
  public void close() {
    timer.shutdown();
    exportOnce();
    exporter.shutdown().join(EXPORT_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private final class Reader implements MetricReader {
    @Override
    public void register(CollectionRegistration registration) {
      sources.add(registration);
    }

    @Override
    public CompletableResultCode forceFlush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
      return exporter.getAggregationTemporality(type);
    }
  }
}
