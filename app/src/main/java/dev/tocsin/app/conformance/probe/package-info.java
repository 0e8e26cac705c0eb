/**
 * Requests as raw as they have to be and what came back: HTTP/1.1 written by hand, HTTP/2, gRPC
 * frames. Knows nothing of cases.
 */
@NullMarked
package dev.tocsin.app.conformance.probe;

import org.jspecify.annotations.NullMarked;
