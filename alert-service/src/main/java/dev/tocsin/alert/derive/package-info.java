/** Turns spans into RED metrics and every resource seen into a heartbeat, in Kafka transactions. */
@NullMarked
package dev.tocsin.alert.derive;

import org.jspecify.annotations.NullMarked;
