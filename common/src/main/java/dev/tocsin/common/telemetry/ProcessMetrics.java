package dev.tocsin.common.telemetry;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes registries that carry the process's own figures under the names operators know. */
public final class ProcessMetrics {
  private ProcessMetrics() {}

  /**
   * A registry with {@code otlp_memory_usage_bytes} (resident set), {@code otlp_cpu_usage_percent}
   * (of one core, since the process began a scrape interval ago) and the JVM's memory, collector
   * and thread metrics; every meter carries the label {@code service}.
   */
  public static PrometheusMeterRegistry registry(String service) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().commonTags("service", service);
    bind(registry);
    return registry;
  }

  @SuppressWarnings("resource") // JvmGcMetrics listens as long as the process lives
  private static void bind(MeterRegistry registry) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    int cores = Runtime.getRuntime().availableProcessors();
    Gauge.builder("otlp.memory.usage.bytes", ProcessMetrics::residentBytes).register(registry);
    Gauge.builder("otlp.cpu.usage.percent", () -> system.getProcessCpuLoad() * cores * 100)
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new JvmGcMetrics().bindTo(registry);
  }

  /** The resident set where the system tells it (Linux), else the heap in use. */
  static double residentBytes() {
    try {
      String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
      return Long.parseLong(pages[1]) * 4096.0;
    } catch (IOException notLinux) {
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory();
    }
  }
}
