/** Linear-time regular expressions in RE2 syntax; no input makes them backtrack. */
@NullMarked
package dev.tocsin.promql.regex;

import org.jspecify.annotations.NullMarked;
