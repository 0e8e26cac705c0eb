/** Receives OTLP over gRPC and HTTP and answers once Kafka has acknowledged it. */
@NullMarked
package dev.tocsin.ingest;

import org.jspecify.annotations.NullMarked;
