/** The PromQL syntax tree: immutable records with source positions. */
@NullMarked
package dev.tocsin.promql.ast;

import org.jspecify.annotations.NullMarked;
