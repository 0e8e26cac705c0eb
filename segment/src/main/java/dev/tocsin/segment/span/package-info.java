/** Thousands of spans as one segment: written, read whole and read by the span. */
@NullMarked
package dev.tocsin.segment.span;

import org.jspecify.annotations.NullMarked;
