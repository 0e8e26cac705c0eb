/** The cases, one class for each area of OTLP, and the telemetry they send. */
@NullMarked
package dev.tocsin.app.conformance.cases;

import org.jspecify.annotations.NullMarked;
