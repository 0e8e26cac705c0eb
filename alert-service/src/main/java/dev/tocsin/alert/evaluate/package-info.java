/**
 * Evaluates rule groups over a live window of series, in turns of one thread: when which group is
 * due, how far what it finds is to be trusted, and in which order it is said. Pure.
 */
@NullMarked
package dev.tocsin.alert.evaluate;

import org.jspecify.annotations.NullMarked;
