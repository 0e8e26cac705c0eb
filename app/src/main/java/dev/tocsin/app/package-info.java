/** The tocsin command and the all-in-one process. */
@NullMarked
package dev.tocsin.app;

import org.jspecify.annotations.NullMarked;
