package dev.tocsin.common.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The request metrics every service has, by the names operators know: {@code otlp_requests_total},
 * {@code otlp_errors_total}, {@code otlp_latency_seconds}, {@code otlp_active_connections}. Labels:
 * {@code transport} (grpc, http) and {@code signal} (traces, metrics, logs; api for our own APIs);
 * errors also {@code reason}. One instance a registry; thread-safe. Meters are looked up once.
 */
public final class RequestMetrics {
  private static final Duration[] OBJECTIVES = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private final MeterRegistry registry;
  private final AtomicInteger active;
  private final Map<Kind, Meters> meters = new ConcurrentHashMap<>();

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

  /** Labels are taken from closed sets: each pair makes meters that stay. */
  public InFlight begin(String transport, String signal) {
    return new InFlight(
        meters.computeIfAbsent(new Kind(transport, signal), Meters::new), System.nanoTime());
  }

  private record Kind(String transport, String signal) {}

  private final class Meters {
    private final Kind kind;
    private final Counter requests;
    private final Timer latency;
    private final Map<String, Counter> errors = new ConcurrentHashMap<>();

    private Meters(Kind kind) {
      this.kind = kind;
      this.requests =
          registry.counter("otlp.requests", "transport", kind.transport(), "signal", kind.signal());
      this.latency =
          Timer.builder("otlp.latency")
              .tags("transport", kind.transport(), "signal", kind.signal())
              .publishPercentileHistogram(false)
              .serviceLevelObjectives(OBJECTIVES)
              .register(registry);
    }

    private Counter error(String reason) {
      return registry.counter(
          "otlp.errors", "transport", kind.transport(), "signal", kind.signal(), "reason", reason);
    }
  }

  /** One request being served. */
  public static final class InFlight {
    private final Meters meters;
    private final long startNanos;

    private InFlight(Meters meters, long startNanos) {
      this.meters = meters;
      this.startNanos = startNanos;
    }

    /**
     * @param reason of the failure from a closed set, or empty for success
     */
    public void end(String reason) {
      meters.requests.increment();
      if (!reason.isEmpty()) {
        meters.errors.computeIfAbsent(reason, meters::error).increment();
      }
      meters.latency.record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
    }
  }
}
