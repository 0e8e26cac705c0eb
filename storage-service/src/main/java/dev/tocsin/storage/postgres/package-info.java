/** Segments in PostgreSQL: what is written, found, read back and retired. */
@NullMarked
package dev.tocsin.storage.postgres;

import org.jspecify.annotations.NullMarked;
