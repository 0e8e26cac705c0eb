/** From Kafka records to batches: decoding, buffering per partition, flushing exactly once. */
@NullMarked
package dev.tocsin.storage.consume;

import org.jspecify.annotations.NullMarked;
