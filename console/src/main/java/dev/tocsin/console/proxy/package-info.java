/** Connections to the services, and the reverse proxy to the part of their APIs that is offered. */
@NullMarked
package dev.tocsin.console.proxy;

import org.jspecify.annotations.NullMarked;
