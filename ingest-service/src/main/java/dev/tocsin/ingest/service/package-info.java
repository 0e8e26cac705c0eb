/**
 * OTLP over gRPC and HTTP into Kafka: its configuration, its main and how all parts are put
 * together. It uses nearly every package, and none uses it.
 */
@NullMarked
package dev.tocsin.ingest.service;

import org.jspecify.annotations.NullMarked;
