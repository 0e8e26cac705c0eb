/**
 * The segment format: thousands of spans, log records or samples as zstd columns, lossless and
 * versioned.
 */
@NullMarked
package dev.tocsin.storage.segment;

import org.jspecify.annotations.NullMarked;
