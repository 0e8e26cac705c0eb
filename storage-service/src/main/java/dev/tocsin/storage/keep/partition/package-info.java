/**
 * Days: partitions made ahead and dropped by age or for want of room, and the catalogues beside
 * them.
 */
@NullMarked
package dev.tocsin.storage.keep.partition;

import org.jspecify.annotations.NullMarked;
