/** Transitions for the rest of the suite, on the topic of incidents. */
@NullMarked
package dev.tocsin.incident.notify.kafka;

import org.jspecify.annotations.NullMarked;
