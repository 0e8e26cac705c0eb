/** Thousands of log records as one segment: written, read whole and read by the record. */
@NullMarked
package dev.tocsin.segment.log;

import org.jspecify.annotations.NullMarked;
