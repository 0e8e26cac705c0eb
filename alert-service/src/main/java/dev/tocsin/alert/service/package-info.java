/**
 * Derives metrics from the stream, evaluates rules over it and publishes alerts: its configuration,
 * its main and how all parts are put together.
 *
 * <p>One package because this is the place where every other one is known.
 */
@NullMarked
package dev.tocsin.alert.service;

import org.jspecify.annotations.NullMarked;
