/** Real programs with OpenTelemetry in them, run as children, for interoperability tests. */
@NullMarked
package dev.tocsin.testkit.otel;

import org.jspecify.annotations.NullMarked;
