/** The {@code tocsin} command and its subcommands; the only module that sees every service. */
@NullMarked
package dev.tocsin.app;

import org.jspecify.annotations.NullMarked;
