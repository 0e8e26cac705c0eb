/** The same samples and queries in this engine and in a real Prometheus. */
@NullMarked
package dev.tocsin.promql.differential;

import org.jspecify.annotations.NullMarked;
