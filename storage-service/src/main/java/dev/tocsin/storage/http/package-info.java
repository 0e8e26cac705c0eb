/** The read API over HTTP: parameters in, ports asked, JSON out. */
@NullMarked
package dev.tocsin.storage.http;

import org.jspecify.annotations.NullMarked;
