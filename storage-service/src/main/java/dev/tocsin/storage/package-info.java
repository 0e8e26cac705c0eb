/** Keeps telemetry from Kafka as segments in Postgres and answers queries about it. */
@NullMarked
package dev.tocsin.storage;

import org.jspecify.annotations.NullMarked;
