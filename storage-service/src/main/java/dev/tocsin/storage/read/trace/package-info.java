/** Questions about traces. */
@NullMarked
package dev.tocsin.storage.read.trace;

import org.jspecify.annotations.NullMarked;
