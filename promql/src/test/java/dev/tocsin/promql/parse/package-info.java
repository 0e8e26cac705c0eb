/** Tests of the lexer, parser and printer. */
@NullMarked
package dev.tocsin.promql.parse;

import org.jspecify.annotations.NullMarked;
