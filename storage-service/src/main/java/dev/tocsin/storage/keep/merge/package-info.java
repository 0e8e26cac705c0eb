/** Merging of small segments in the background: when, how fast, and what of many becomes one. */
@NullMarked
package dev.tocsin.storage.keep.merge;

import org.jspecify.annotations.NullMarked;
