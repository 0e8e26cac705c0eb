/**
 * Kafka to batches: records buffered by partition and handed over to be stored exactly once.
 *
 * <p>One package because the three signals share their way from a record to a batch; what each
 * becomes is in {@code segment}, whose packages it knows one by one.
 */
@NullMarked
package dev.tocsin.storage.write.consume;

import org.jspecify.annotations.NullMarked;
