/**
 * Evaluates rule groups over a live window of series and decides which alerts fire: the pure core
 * and its ports.
 */
@NullMarked
package dev.tocsin.alert.evaluate;

import org.jspecify.annotations.NullMarked;
