/** OTLP JSON to protobuf, driven by the message descriptors. */
@NullMarked
package dev.tocsin.ingest.json;

import org.jspecify.annotations.NullMarked;
