/** The HTTP API. */
@NullMarked
package dev.tocsin.incident.http;

import org.jspecify.annotations.NullMarked;
