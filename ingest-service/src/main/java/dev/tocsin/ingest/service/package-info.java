/**
 * OTLP over gRPC and HTTP into Kafka: its configuration, its main and how all parts are put
 * together. It uses nearly every package, and none uses it.
 *
 * <p>One package because this is the place where every other one is known.
 */
@NullMarked
package dev.tocsin.ingest.service;

import org.jspecify.annotations.NullMarked;
