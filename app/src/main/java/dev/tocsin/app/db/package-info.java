/** {@code tocsin db}: what an operator does with what is stored, and with what could not be. */
@NullMarked
package dev.tocsin.app.db;

import org.jspecify.annotations.NullMarked;
