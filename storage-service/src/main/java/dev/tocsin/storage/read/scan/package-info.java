/**
 * What questions about spans and about log records share: conditions, the filters beside segments,
 * and reading only the pieces that are needed.
 */
@NullMarked
package dev.tocsin.storage.read.scan;

import org.jspecify.annotations.NullMarked;
