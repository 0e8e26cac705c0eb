/** What of many small segments becomes a large one. */
@NullMarked
package dev.tocsin.segment.merge;

import org.jspecify.annotations.NullMarked;
