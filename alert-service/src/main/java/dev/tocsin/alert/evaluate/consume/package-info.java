/** Follows rules, samples and alert states in Kafka. */
@NullMarked
package dev.tocsin.alert.evaluate.consume;

import org.jspecify.annotations.NullMarked;
