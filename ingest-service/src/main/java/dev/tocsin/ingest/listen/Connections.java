package dev.tocsin.ingest.listen;

import dev.tocsin.common.telemetry.RequestMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** All open connections of all listeners, counted and bounded. Thread-safe. */
public final class Connections {
  private final ConnectionLimits limits;
  private final RequestMetrics metrics;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter tooMany;
  private final Counter headersLate;

  public Connections(ConnectionLimits limits, RequestMetrics metrics, MeterRegistry registry) {
    this.limits = limits;
    this.metrics = metrics;
    this.tooMany = registry.counter("otlp.connections.closed", "reason", "connections_max");
    this.headersLate = registry.counter("otlp.connections.closed", "reason", "header_timeout");
  }

  ConnectionLimits limits() {
    return limits;
  }

  /** Counts a connection; whether there is room for it. It must be {@link #closed} either way. */
  boolean opened() {
    metrics.connectionOpened();
    boolean room = open.incrementAndGet() <= limits.connectionsMax();
    if (!room) {
      tooMany.increment();
    }
    return room;
  }

  void closed() {
    open.decrementAndGet();
    metrics.connectionClosed();
  }

  void headersAreLate() {
    headersLate.increment();
  }
}
