/** The gRPC transport: framing, statuses and deadlines on Vert.x HTTP/2. */
@NullMarked
package dev.tocsin.ingest.grpc;

import org.jspecify.annotations.NullMarked;
