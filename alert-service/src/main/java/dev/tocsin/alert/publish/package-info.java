/** Writes alerts, their states and recorded series to Kafka. */
@NullMarked
package dev.tocsin.alert.publish;

import org.jspecify.annotations.NullMarked;
