package dev.tocsin.common.runtime;

import dev.tocsin.common.telemetry.ProcessMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.time.InstantSource;

/**
 * What every service is given from outside: the Vert.x instance (shared in the all-in-one process),
 * a metric registry of its own, and the clock.
 */
public record ServiceContext(Vertx vertx, PrometheusMeterRegistry metrics, InstantSource clock) {

  /** With a new registry whose meters carry the label {@code service}. */
  public static ServiceContext create(Vertx vertx, String service, InstantSource clock) {
    return new ServiceContext(vertx, ProcessMetrics.registry(service), clock);
  }
}
