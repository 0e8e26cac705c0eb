/** OTLP over gRPC and HTTP into Kafka: the composition root, the configuration and the ports. */
@NullMarked
package dev.tocsin.ingest;

import org.jspecify.annotations.NullMarked;
