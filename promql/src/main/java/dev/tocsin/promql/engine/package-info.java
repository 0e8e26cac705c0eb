/**
 * The evaluator: a range query, series by series over primitive arrays.
 *
 * <p>One package because functions, operators and aggregations share how samples are read and held;
 * each is a file of its own, and none of them is public.
 */
@NullMarked
package dev.tocsin.promql.engine;

import org.jspecify.annotations.NullMarked;
