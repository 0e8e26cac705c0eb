/** What is told about spans and log records in ordinary tables: pure sums over one flush. */
@NullMarked
package dev.tocsin.segment.summary;

import org.jspecify.annotations.NullMarked;
