/** A runner for test scripts in the language of Prometheus's promqltest. */
@NullMarked
package dev.tocsin.promql.promqltest;

import org.jspecify.annotations.NullMarked;
