/**
 * Simulation: one seeded scheduler owns time, chance and who runs next, and Kafka is a model in
 * memory that fails in all the ways the real one does. One seed is one course of events, for ever.
 */
@NullMarked
package dev.tocsin.testkit.sim;

import org.jspecify.annotations.NullMarked;
