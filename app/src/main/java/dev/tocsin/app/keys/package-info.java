/** {@code tocsin keys}: API keys for those who send telemetry. */
@NullMarked
package dev.tocsin.app.keys;

import org.jspecify.annotations.NullMarked;
