/** Fills the window from Kafka. */
@NullMarked
package dev.tocsin.alert.window.fill;

import org.jspecify.annotations.NullMarked;
