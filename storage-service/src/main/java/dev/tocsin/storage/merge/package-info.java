/** Merging of small segments in the background: when, how fast, and what of many becomes one. */
@NullMarked
package dev.tocsin.storage.merge;

import org.jspecify.annotations.NullMarked;
