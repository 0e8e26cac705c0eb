/** {@code tocsin conformance}: tries any OTLP receiver over the network, case by case. */
@NullMarked
package dev.tocsin.app.conformance;

import org.jspecify.annotations.NullMarked;
