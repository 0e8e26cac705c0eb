/** The evaluator: a range query, series by series over primitive arrays. */
@NullMarked
package dev.tocsin.promql.engine;

import org.jspecify.annotations.NullMarked;
