/** Series as whoever has them hands them over, and as queries answer with: labels and samples. */
@NullMarked
package dev.tocsin.promql.series;

import org.jspecify.annotations.NullMarked;
