/** The storage benchmark: a program, see the README; nothing here is a test. */
@NullMarked
package dev.tocsin.storage.benchmark;

import org.jspecify.annotations.NullMarked;
