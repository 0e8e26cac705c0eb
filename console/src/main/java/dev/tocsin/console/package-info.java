/** The front door: status page today, login, UI and reverse proxy to come. */
@NullMarked
package dev.tocsin.console;

import org.jspecify.annotations.NullMarked;
