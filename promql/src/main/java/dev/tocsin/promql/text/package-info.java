/** How numbers are written, and what is said of a query that cannot be answered. */
@NullMarked
package dev.tocsin.promql.text;

import org.jspecify.annotations.NullMarked;
