/** Derives metrics from the stream, evaluates rules over it and publishes alerts. */
@NullMarked
package dev.tocsin.alert;

import org.jspecify.annotations.NullMarked;
