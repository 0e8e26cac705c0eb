package dev.tocsin.common.runtime;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.time.InstantSource;

/**
 * What every service is given from outside: the Vert.x instance (shared in the all-in-one process),
 * a metric registry of its own, and the clock.
 */
public record ServiceContext(Vertx vertx, PrometheusMeterRegistry metrics, InstantSource clock) {}
