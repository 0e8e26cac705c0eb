/** Samples of series as blocks, and the points they came from, kept as they were sent. */
@NullMarked
package dev.tocsin.segment.metric;

import org.jspecify.annotations.NullMarked;
