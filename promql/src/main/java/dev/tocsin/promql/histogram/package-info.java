/** Native histograms: exponential and custom buckets, and their arithmetic. */
@NullMarked
package dev.tocsin.promql.histogram;

import org.jspecify.annotations.NullMarked;
