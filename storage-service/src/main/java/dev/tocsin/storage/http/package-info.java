/**
 * The read API over HTTP: parameters in, ports asked, JSON out.
 *
 * <p>One package because every route reads its parameters, bounds its answer and tells its errors
 * in the same way, and one document describes them all.
 */
@NullMarked
package dev.tocsin.storage.http;

import org.jspecify.annotations.NullMarked;
