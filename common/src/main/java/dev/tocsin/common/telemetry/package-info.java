/** Metric names and registries, and how the suite logs. */
@NullMarked
package dev.tocsin.common.telemetry;

import org.jspecify.annotations.NullMarked;
