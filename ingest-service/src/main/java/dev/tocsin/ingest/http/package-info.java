/** The HTTP transport: paths, media types, statuses and CORS. */
@NullMarked
package dev.tocsin.ingest.http;

import org.jspecify.annotations.NullMarked;
