/**
 * Columns of values, and the sections of a blob they stand in, compressed by zstd; versioned and
 * lossless.
 */
@NullMarked
package dev.tocsin.segment.column;

import org.jspecify.annotations.NullMarked;
