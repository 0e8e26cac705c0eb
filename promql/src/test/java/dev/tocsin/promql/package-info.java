/** Tests of the public API, of the conformance scripts and of whole queries. */
@NullMarked
package dev.tocsin.promql;

import org.jspecify.annotations.NullMarked;
