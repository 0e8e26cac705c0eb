/** The Go text/template subset that alert labels and annotations use. */
@NullMarked
package dev.tocsin.promql.template;

import org.jspecify.annotations.NullMarked;
