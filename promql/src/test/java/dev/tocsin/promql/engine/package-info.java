/** Tests of the parts of the evaluator that no query shows by itself. */
@NullMarked
package dev.tocsin.promql.engine;

import org.jspecify.annotations.NullMarked;
