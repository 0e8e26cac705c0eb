/** How the commands that try a receiver are told where it is. */
@NullMarked
package dev.tocsin.app.receiver;

import org.jspecify.annotations.NullMarked;
