/** Front door of the suite: the status page and the way to the services' APIs. */
@NullMarked
package dev.tocsin.console;

import org.jspecify.annotations.NullMarked;
