/** What becomes of an export: where it goes to, what comes back, and why it may be refused. */
@NullMarked
package dev.tocsin.ingest.ports;

import org.jspecify.annotations.NullMarked;
