/** The series of the last minutes or hours in memory, as far as rules ask for them. */
@NullMarked
package dev.tocsin.alert.window;

import org.jspecify.annotations.NullMarked;
