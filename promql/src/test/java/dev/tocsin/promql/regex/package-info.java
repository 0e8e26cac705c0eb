/** Tests of regular expressions. */
@NullMarked
package dev.tocsin.promql.regex;

import org.jspecify.annotations.NullMarked;
