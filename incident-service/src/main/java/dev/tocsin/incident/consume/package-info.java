/** Alert events from Kafka into incidents. */
@NullMarked
package dev.tocsin.incident.consume;

import org.jspecify.annotations.NullMarked;
