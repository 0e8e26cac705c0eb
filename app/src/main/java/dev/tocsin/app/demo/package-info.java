/** The traffic of {@code tocsin up --demo}: a small shop that breaks every few minutes. */
@NullMarked
package dev.tocsin.app.demo;

import org.jspecify.annotations.NullMarked;
