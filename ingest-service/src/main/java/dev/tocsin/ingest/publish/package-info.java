/** Writes requests to Kafka. */
@NullMarked
package dev.tocsin.ingest.publish;

import org.jspecify.annotations.NullMarked;
