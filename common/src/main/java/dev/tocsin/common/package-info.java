/** The vocabulary every Tocsin service shares; its meaning lives in the packages below. */
@NullMarked
package dev.tocsin.common;

import org.jspecify.annotations.NullMarked;
