/** Benchmarks of the engine over 1,000 series of 6 hours at 15 s, step 60 s. */
@NullMarked
package dev.tocsin.promql.benchmarks;

import org.jspecify.annotations.NullMarked;
