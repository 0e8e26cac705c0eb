package dev.tocsin.app.demo;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One OpenTelemetry SDK a service of the shop, each with its own resource. They share the batching
 * threads and connections, because they live in one process; what goes over the wire is what six
 * processes would send.
 */
final class ShopTelemetry implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);

  private final SharedMetricReader metrics;
  private final Map<ShopService, OpenTelemetrySdk> sdks = new EnumMap<>(ShopService.class);

  /** Takes the exporters over: {@link #close} closes them. */
  ShopTelemetry(
      SpanExporter spans, MetricExporter metrics, LogRecordExporter logs, Duration interval) {
    BatchSpanProcessor spanBatches =
        BatchSpanProcessor.builder(spans).setScheduleDelay(interval).build();
    BatchLogRecordProcessor logBatches =
        BatchLogRecordProcessor.builder(logs).setScheduleDelay(interval).build();
    this.metrics = new SharedMetricReader(metrics, interval.multipliedBy(2));
    for (ShopService service : ShopService.values()) {
      Resource resource = resource(service);
      sdks.put(
          service,
          OpenTelemetrySdk.builder()
              .setTracerProvider(
                  SdkTracerProvider.builder()
                      .setResource(resource)
                      .addSpanProcessor(spanBatches)
                      .build())
              .setLoggerProvider(
                  SdkLoggerProvider.builder()
                      .setResource(resource)
                      .addLogRecordProcessor(logBatches)
                      .build())
              .setMeterProvider(
                  SdkMeterProvider.builder()
                      .setResource(resource)
                      .registerMetricReader(this.metrics.reader())
                      .build())
              .build());
    }
  }

  private static Resource resource(ShopService service) {
    return Resource.getDefault().toBuilder()
        .put(AttributeKey.stringKey("service.name"), service.serviceName())
        .put(AttributeKey.stringKey("service.namespace"), ShopService.NAMESPACE)
        .put(AttributeKey.stringKey("service.version"), service.version())
        .put(AttributeKey.stringKey("service.instance.id"), service.instanceId())
        .put(AttributeKey.stringKey("deployment.environment.name"), "demo")
        .put(AttributeKey.stringKey("host.name"), service.host())
        // The shop ends with the demo, and nobody is to be paged for that at the next start.
        .put(AttributeKey.booleanKey("tocsin.heartbeat"), false)
        .build();
  }

  OpenTelemetrySdk of(ShopService service) {
    OpenTelemetrySdk sdk = sdks.get(service);
    if (sdk == null) {
      throw new IllegalArgumentException("no SDK for " + service);
    }
    return sdk;
  }

  /** Sends what is waiting and closes all; bounded in time; blocks. */
  @Override
  public void close() {
    metrics.close();
    List<CompletableResultCode> all =
        sdks.values().stream().map(OpenTelemetrySdk::shutdown).toList();
    CompletableResultCode.ofAll(all).join(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
