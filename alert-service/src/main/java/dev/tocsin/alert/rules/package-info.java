/** Rules and their groups: as files and the API write them, and whose they are. */
@NullMarked
package dev.tocsin.alert.rules;

import org.jspecify.annotations.NullMarked;
