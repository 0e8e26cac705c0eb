/**
 * Telemetry that is odd, giant or damaged, the same for the same seed, and markers that follow it.
 */
@NullMarked
package dev.tocsin.testkit.hostile;

import org.jspecify.annotations.NullMarked;
