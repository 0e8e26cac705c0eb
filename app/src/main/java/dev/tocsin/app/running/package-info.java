/** How other commands find a running {@code tocsin up}. */
@NullMarked
package dev.tocsin.app.running;

import org.jspecify.annotations.NullMarked;
