/** Lifecycle: components, health, the order of start and stop, and the shared main. */
@NullMarked
package dev.tocsin.common.runtime;

import org.jspecify.annotations.NullMarked;
