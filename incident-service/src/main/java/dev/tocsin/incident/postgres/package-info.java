/** The incident schema: one transaction per event, timers and the outbox. */
@NullMarked
package dev.tocsin.incident.postgres;

import org.jspecify.annotations.NullMarked;
