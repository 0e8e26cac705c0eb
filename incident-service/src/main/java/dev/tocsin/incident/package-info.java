/** Turns alerts into incidents and escalates them until a person answers. */
@NullMarked
package dev.tocsin.incident;

import org.jspecify.annotations.NullMarked;
