package dev.tocsin.common.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The request metrics every service has, by the names operators know: {@code otlp_requests_total},
 * {@code otlp_errors_total}, {@code otlp_latency_seconds}, {@code otlp_active_connections}. Labels:
 * {@code transport} (grpc, http) and {@code signal} (traces, metrics, logs; api for our own APIs);
 * errors also {@code reason}. One instance a registry; thread-safe.
 */
public final class RequestMetrics {
  private final MeterRegistry registry;
  private final AtomicInteger active;

  public RequestMetrics(MeterRegistry registry) {
    this.registry = registry;
    AtomicInteger gauge = registry.gauge("otlp.active.connections", new AtomicInteger());
    this.active = gauge == null ? new AtomicInteger() : gauge;
  }

  /** To be called when a connection opens. */
  public void connectionOpened() {
    active.incrementAndGet();
  }

  /** To be called when a connection closes. */
  public void connectionClosed() {
    active.decrementAndGet();
  }

  public InFlight begin(String transport, String signal) {
    return new InFlight(transport, signal, System.nanoTime());
  }

  /** One request being served. */
  public final class InFlight {
    private final String transport;
    private final String signal;
    private final long startNanos;

    private InFlight(String transport, String signal, long startNanos) {
      this.transport = transport;
      this.signal = signal;
      this.startNanos = startNanos;
    }

    /**
     * @param reason of the failure from a closed set, or empty for success
     */
    public void end(String reason) {
      registry.counter("otlp.requests", "transport", transport, "signal", signal).increment();
      if (!reason.isEmpty()) {
        registry
            .counter("otlp.errors", "transport", transport, "signal", signal, "reason", reason)
            .increment();
      }
      Timer.builder("otlp.latency")
          .tags("transport", transport, "signal", signal)
          .publishPercentileHistogram(false)
          .serviceLevelObjectives(
              Duration.ofMillis(1),
              Duration.ofMillis(5),
              Duration.ofMillis(10),
              Duration.ofMillis(25),
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              Duration.ofMillis(250),
              Duration.ofSeconds(1),
              Duration.ofSeconds(5))
          .register(registry)
          .record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
    }
  }
}
