/** Tests of rule files and rule unit tests. */
@NullMarked
package dev.tocsin.promql.rules;

import org.jspecify.annotations.NullMarked;
