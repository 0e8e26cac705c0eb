/** Who sends: API keys from Kafka and from a file, what each may send and how much. */
@NullMarked
package dev.tocsin.ingest.access;

import org.jspecify.annotations.NullMarked;
