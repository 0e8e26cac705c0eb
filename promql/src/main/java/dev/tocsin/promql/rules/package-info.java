/** Rule files and rule unit tests in Prometheus's formats, with line numbers in every problem. */
@NullMarked
package dev.tocsin.promql.rules;

import org.jspecify.annotations.NullMarked;
