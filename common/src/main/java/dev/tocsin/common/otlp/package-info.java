/**
 * Reading OTLP without generated classes where speed matters, and OpenTelemetry-to-Prometheus
 * naming.
 */
@NullMarked
package dev.tocsin.common.otlp;

import org.jspecify.annotations.NullMarked;
