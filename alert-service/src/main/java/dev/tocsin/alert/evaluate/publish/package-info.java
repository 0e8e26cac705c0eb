/** Writes alerts, their states and recorded series to Kafka, and rule groups to their topic. */
@NullMarked
package dev.tocsin.alert.evaluate.publish;

import org.jspecify.annotations.NullMarked;
