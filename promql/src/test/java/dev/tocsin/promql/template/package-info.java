/** Tests of label and annotation templates. */
@NullMarked
package dev.tocsin.promql.template;

import org.jspecify.annotations.NullMarked;
