/**
 * What is kept beside a segment so that most of them need not be read: hashes, tokens and filters.
 */
@NullMarked
package dev.tocsin.segment.index;

import org.jspecify.annotations.NullMarked;
