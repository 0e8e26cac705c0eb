/**
 * Derives metrics from the stream, evaluates rules over it and publishes alerts: its configuration,
 * its main and how all parts are put together.
 */
@NullMarked
package dev.tocsin.alert.service;

import org.jspecify.annotations.NullMarked;
