/** The console's own routes: page, status, and who may call them. */
@NullMarked
package dev.tocsin.console.web;

import org.jspecify.annotations.NullMarked;
