/**
 * Evaluates rule groups over a live window of series, in turns of one thread: when which group is
 * due, how far what it finds is to be trusted, and in which order it is said. Pure.
 *
 * <p>One package because a turn is one thought: what is due, what the window can be trusted with,
 * what is said and in which order decide about each other within one thread.
 */
@NullMarked
package dev.tocsin.alert.evaluate;

import org.jspecify.annotations.NullMarked;
