/**
 * {@code tocsin up}: Kafka, PostgreSQL and every service on this machine, started and stopped in
 * order.
 */
@NullMarked
package dev.tocsin.app.up;

import org.jspecify.annotations.NullMarked;
