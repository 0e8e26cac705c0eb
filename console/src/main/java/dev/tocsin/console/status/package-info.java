/** How everything is, gathered from all services. */
@NullMarked
package dev.tocsin.console.status;

import org.jspecify.annotations.NullMarked;
