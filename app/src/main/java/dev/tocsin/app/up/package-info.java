/**
 * {@code tocsin up}: Kafka, PostgreSQL and every service on this machine, started and stopped in
 * order.
 *
 * <p>One package because it is the composition root of the whole suite: it alone knows every
 * service, both servers and the demo, and holds nothing that others need.
 */
@NullMarked
package dev.tocsin.app.up;

import org.jspecify.annotations.NullMarked;
