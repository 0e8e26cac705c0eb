/** Optional changes to telemetry on its way: drop rules and attribute redaction. Off by default. */
@NullMarked
package dev.tocsin.ingest.process;

import org.jspecify.annotations.NullMarked;
