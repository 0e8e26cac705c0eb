/** Kafka to batches: records buffered by partition and handed over to be stored exactly once. */
@NullMarked
package dev.tocsin.storage.write.consume;

import org.jspecify.annotations.NullMarked;
