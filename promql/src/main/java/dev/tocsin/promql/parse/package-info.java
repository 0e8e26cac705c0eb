/** Lexer, parser and printer: text to syntax tree and back. */
@NullMarked
package dev.tocsin.promql.parse;

import org.jspecify.annotations.NullMarked;
