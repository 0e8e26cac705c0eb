/** Tests of native histograms by themselves. */
@NullMarked
package dev.tocsin.promql.histogram;

import org.jspecify.annotations.NullMarked;
