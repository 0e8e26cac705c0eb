/** PromQL: parse, evaluate and print queries over a SeriesSource; depends on the JDK only. */
@NullMarked
package dev.tocsin.promql;

import org.jspecify.annotations.NullMarked;
