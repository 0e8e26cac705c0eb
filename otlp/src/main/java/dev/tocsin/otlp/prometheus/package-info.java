/** OpenTelemetry metrics as Prometheus series: their names, labels and values. */
@NullMarked
package dev.tocsin.otlp.prometheus;

import org.jspecify.annotations.NullMarked;
